import { describe, expect, it } from '@jest/globals';
import { hashPassword, verifyPassword } from './password.ts';

describe('a password', () => {
  it('matches its own hash, of cost 12, and no other', async () => {
    const hash = await hashPassword('correct horse battery');
    expect(hash).toMatch(/^\$2b\$12\$/);
    expect(await verifyPassword('correct horse battery', hash)).toBe(true);
    expect(await verifyPassword('correct horse batterx', hash)).toBe(false);
  });

  it('counts as a whole, up to 72 bytes and past a NUL', async () => {
    const longest = 'é'.repeat(36);
    expect(await verifyPassword(longest, await hashPassword(longest))).toBe(true);
    expect(await verifyPassword(`${longest}x`, await hashPassword(longest))).toBe(false);
    expect(await verifyPassword('before\0after', await hashPassword('before\0other'))).toBe(false);
    await expect(hashPassword(`${longest}x`)).rejects.toThrow(RangeError);
  });

  it('of a user without one never matches', async () => {
    expect(await verifyPassword('', null)).toBe(false);
    expect(await verifyPassword('anything', null)).toBe(false);
  });

  it('that is wrong takes no longer or shorter for a user who does not exist', async () => {
    const hash = await hashPassword('correct horse battery');
    const time = async (against: string | null) => {
      const startedAt = performance.now();
      await verifyPassword('wrong', against);
      return performance.now() - startedAt;
    };
    const best = async (against: string | null) =>
      Math.min(await time(against), await time(against), await time(against));
    const ratio = (await best(null)) / (await best(hash));
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });
});

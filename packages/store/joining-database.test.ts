import { describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../../test/support/test-database.ts';
import { joiningDatabase } from './joining-database.ts';
import { insertOrganization } from './organizations.ts';

const plain = await createTestDatabase();
const db = joiningDatabase(plain);
const insert = () => insertOrganization(db, { name: 'A', plan: 'free', windows: null });
const count = async () => (await plain.query('select id from organizations')).length;

describe('what is asked within a transaction', () => {
  it('is part of it: undone with it, and seen outside only after it', async () => {
    const work = db.transaction(async () => {
      await db.transaction(insert);
      await insert();
      expect(await count()).toBe(0);
      throw new Error('stop');
    });
    await expect(work).rejects.toThrow('stop');
    expect(await count()).toBe(0);
  });

  it('and beside it, in other work at the same time, is not', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const work = db.transaction(async () => {
      await insert();
      await held;
      throw new Error('stop');
    });
    await db.transaction(insert);
    await insert();
    expect(await count()).toBe(2);
    release();
    await expect(work).rejects.toThrow('stop');
    expect(await count()).toBe(2);
  });
});

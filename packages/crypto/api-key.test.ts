import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mintApiKey, parseApiKey } from './api-key.ts';
import { hashSecret } from './hash-secret.ts';

const prefixes = { live: 'vw_live_', test: 'vw_test_' };

describe('an API key', () => {
  it('is its prefix and forty base62 characters, and is stored as a hash of the whole', () => {
    const minted = mintApiKey(prefixes.live);
    expect(minted.key).toMatch(/^vw_live_[0-9A-Za-z]{40}$/);
    expect(minted.hash).toEqual(hashSecret(minted.key));
    expect(minted.hint).toBe(`vw_live_…${minted.key.slice(-4)}`);
  });

  it('is told apart by its prefix', () => {
    expect(parseApiKey(mintApiKey(prefixes.live).key, prefixes)).toBe('live');
    expect(parseApiKey(mintApiKey(prefixes.test).key, prefixes)).toBe('test');
    expect(parseApiKey(mintApiKey('other_').key, prefixes)).toBeNull();
  });

  it('is refused by its checksum when any one character differs', () => {
    const { key } = mintApiKey(prefixes.live);
    fc.assert(
      fc.property(fc.nat(39), fc.constantFrom(...'0aZ9z'), (offset, character) => {
        const at = prefixes.live.length + offset;
        const changed = key.slice(0, at) + character + key.slice(at + 1);
        expect(parseApiKey(changed, prefixes)).toBe(changed === key ? 'live' : null);
      }),
    );
  });

  it.each([
    '',
    'vw_live_',
    'vw_live_1234567890abcdef',
    `vw_live_${'é'.repeat(40)}`,
    `vw_live_${'0'.repeat(41)}`,
  ])('is not %j', (text) => {
    expect(parseApiKey(text, prefixes)).toBeNull();
  });
});

import { describe, expect, it } from '@jest/globals';
import { fromBase32, toBase32 } from './base32.ts';
import { makeTotpSecret, matchTotp, totpCode, totpUri } from './totp.ts';

// RFC 6238, appendix B: the secret of SHA-1, and the last six of its eight digits.
const secret = toBase32(Buffer.from('12345678901234567890'));

it.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
])('the code of RFC 6238 at %i is %s', (seconds, code) => {
  expect(totpCode(secret, seconds * 1000)).toBe(code);
});

describe('a code', () => {
  const now = 1_700_000_010_000;
  const step = Math.floor(now / 30_000);

  it.each([
    [-60, null],
    [-30, step - 1],
    [0, step],
    [30, step + 1],
    [60, null],
  ])('of %i seconds away is one of step %p', (seconds, expected) => {
    expect(matchTotp(secret, totpCode(secret, now + seconds * 1000), now)).toBe(expected);
  });

  it.each(['', '12345', '1234567', 'abcdef', '０００００'])('%p is none', (code) => {
    expect(matchTotp(secret, code, now)).toBeNull();
  });

  it('of another secret is none', () => {
    expect(matchTotp(makeTotpSecret(), totpCode(secret, now), now)).toBeNull();
  });
});

it('a secret has 160 bits, and base32 can be read back', () => {
  const made = makeTotpSecret();
  expect(made).toMatch(/^[A-Z2-7]{32}$/);
  expect(toBase32(fromBase32(made.toLowerCase()))).toBe(made);
  // RFC 4648 §10.
  expect(['f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) => toBase32(Buffer.from(text)))).toEqual([
    'MY',
    'MZXQ',
    'MZXW6',
    'MZXW6YQ',
    'MZXW6YTB',
    'MZXW6YTBOI',
  ]);
});

it('what an app reads names the issuer and the account', () => {
  expect(totpUri('ABC', { issuer: 'A & B', account: 'a+b@example.com' })).toBe(
    'otpauth://totp/A%20%26%20B:a%2Bb%40example.com?secret=ABC&issuer=A%20%26%20B',
  );
});

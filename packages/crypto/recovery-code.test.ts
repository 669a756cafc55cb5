import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { mintRecoveryCode, recoveryCodeHash } from './recovery-code.ts';

const hashOf = recoveryCodeHash(randomBytes(32).toString('hex'));

it('a recovery code has 80 bits in four groups, each another', () => {
  const codes = Array.from({ length: 100 }, mintRecoveryCode);
  for (const code of codes) expect(code).toMatch(/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
  expect(new Set(codes).size).toBe(100);
});

it('the hash doesn’t depend on how a code is written, and needs the server’s key', () => {
  expect(hashOf(' ABCD efgh-IJKL mnop ')).toEqual(hashOf('abcd-efgh-ijkl-mnop'));
  expect(hashOf('abcd-efgh-ijkl-mnoq')).not.toEqual(hashOf('abcd-efgh-ijkl-mnop'));
  const other = recoveryCodeHash(randomBytes(32).toString('hex'));
  expect(other('abcd-efgh-ijkl-mnop')).not.toEqual(hashOf('abcd-efgh-ijkl-mnop'));
});

import { expect, it } from '@jest/globals';
import { makeSigningPair, signText, verifyText } from './signing-pair.ts';

it('a signature holds for its text and its key alone', () => {
  const [pair, other] = [makeSigningPair(), makeSigningPair()];
  const signature = signText(pair.privateKey, 'a text');
  expect(signature).toMatch(/^[0-9a-f]{128}$/);
  expect(verifyText(pair.publicKey, 'a text', signature)).toBe(true);
  expect(verifyText(pair.publicKey, 'a texT', signature)).toBe(false);
  expect(verifyText(other.publicKey, 'a text', signature)).toBe(false);
  expect(verifyText(pair.publicKey, 'a text', signature.slice(2))).toBe(false);
});

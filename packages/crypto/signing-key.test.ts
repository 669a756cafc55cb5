import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { calculateJwkThumbprint, importJWK, jwtVerify, SignJWT } from 'jose';
import { makeSigningKey, openSigningKey } from './signing-key.ts';

const encryptionKey = randomBytes(32).toString('hex');

it('a signing key signs what its public half verifies, under its thumbprint', async () => {
  const key = makeSigningKey(encryptionKey);
  const privateJwk = JSON.parse(openSigningKey(encryptionKey, key.sealedPrivateJwk));
  const token = await new SignJWT({ sub: 'x' })
    .setProtectedHeader({ alg: 'ES256' })
    .sign(await importJWK(privateJwk, 'ES256'));
  const { payload } = await jwtVerify(token, await importJWK(key.publicJwk, 'ES256'));
  expect(payload).toEqual({ sub: 'x' });
  expect(key.id).toBe(await calculateJwkThumbprint(privateJwk));
  expect(key.publicJwk).toEqual({
    kty: 'EC',
    crv: 'P-256',
    x: privateJwk.x,
    y: privateJwk.y,
    kid: key.id,
    alg: 'ES256',
    use: 'sig',
  });
});

it('only the encryption key that sealed a signing key opens it', () => {
  const { sealedPrivateJwk } = makeSigningKey(encryptionKey);
  expect(() => openSigningKey(randomBytes(32).toString('hex'), sealedPrivateJwk)).toThrow(
    'ENCRYPTION_KEY is not the one that the signing keys were stored with',
  );
});

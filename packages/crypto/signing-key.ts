import { createHash, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { openBox } from './box.ts';

const purpose = 'signing key';

/** A new key for ES256. */
export interface MadeSigningKey {
  /** Its thumbprint (RFC 7638), and so its `kid`. */
  id: string;
  publicJwk: Record<string, unknown>;
  sealedPrivateJwk: Buffer;
}

/** Makes a key that signs tokens; its private half comes encrypted under the deployment's encryption key. */
export function makeSigningKey(encryptionKey: string): MadeSigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicJwk = publicKey.export({ format: 'jwk' });
  const id = thumbprint(publicJwk);
  const privateJwk = JSON.stringify(privateKey.export({ format: 'jwk' }));
  return {
    id,
    publicJwk: { ...publicJwk, kid: id, alg: 'ES256', use: 'sig' },
    sealedPrivateJwk: openBox(encryptionKey).seal(privateJwk, purpose),
  };
}

/** The private JWK again, as JSON. Throws an Error of one line when it was sealed under another encryption key. */
export function openSigningKey(encryptionKey: string, sealedPrivateJwk: Buffer): string {
  try {
    return openBox(encryptionKey).open(sealedPrivateJwk, purpose);
  } catch (cause) {
    throw new Error('ENCRYPTION_KEY is not the one that the signing keys were stored with', { cause });
  }
}

/** RFC 7638 §3: the required members alone, in the order of their names. */
function thumbprint({ crv, kty, x, y }: JsonWebKey): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

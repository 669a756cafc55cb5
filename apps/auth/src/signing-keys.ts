import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { z } from 'zod';
import { openBox } from '#crypto';
import { type Database, listOrCreateSigningKeys } from '#store';

const purpose = 'signing key';

const privateJwk = z.object({
  kty: z.literal('EC'),
  crv: z.string(),
  x: z.string(),
  y: z.string(),
  d: z.string(),
});

/** A private ES256 key that oidc-provider signs with. */
export interface PrivateSigningKey extends z.infer<typeof privateJwk> {
  kid: string;
  alg: 'ES256';
  use: 'sig';
}

/**
 * The deployment's signing keys, the one that signs first; the first start makes one. Throws an Error of one line
 * when they were stored with another encryption key. Problem: `unavailable`.
 */
export async function loadSigningKeys(db: Database, encryptionKey: string): Promise<PrivateSigningKey[]> {
  const box = openBox(encryptionKey);
  const keys = await db.transaction((tx) => listOrCreateSigningKeys(tx, () => makeKey(box.seal)));
  return keys.map((key) => {
    let text: string;
    try {
      text = box.open(key.sealedPrivateJwk, purpose);
    } catch (cause) {
      throw new Error('ENCRYPTION_KEY is not the one that the signing keys were stored with', { cause });
    }
    return { ...privateJwk.parse(JSON.parse(text)), kid: key.id, alg: 'ES256', use: 'sig' };
  });
}

async function makeKey(seal: (text: string, purpose: string) => Buffer) {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const publicJwk: JWK = await exportJWK(publicKey);
  const id = await calculateJwkThumbprint(publicJwk);
  return {
    id,
    publicJwk: { ...publicJwk, kid: id, alg: 'ES256', use: 'sig' },
    sealedPrivateJwk: seal(JSON.stringify(await exportJWK(privateKey)), purpose),
  };
}

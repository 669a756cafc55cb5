import { z } from 'zod';
import { deriveKey, openSigningKey } from '#crypto';
import { type Database, rotateSigningKeys, type SigningKeyState } from '#store';

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

/** What signs and verifies now; in each list the one that signs comes first. */
export interface Keys {
  /** Of tokens: all that are published. */
  signing: PrivateSigningKey[];
  cookies: string[];
}

// Those that are revoked are good for nothing.
const order: readonly SigningKeyState[] = ['signing', 'waiting', 'verifying', 'retired'];

/**
 * The deployment's keys, after a new one was published if the newest is older than `rotationDays` days, or there was
 * none. Throws an Error of one line when they were stored with another encryption key. Problem: `unavailable`.
 */
export async function loadKeys(db: Database, encryptionKey: string, rotationDays: number): Promise<Keys> {
  const stored = await rotateSigningKeys(db, encryptionKey, rotationDays);
  const keys = stored
    .filter(({ state }) => order.includes(state))
    .toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state))
    .map(({ id, state, sealedPrivateJwk }) => {
      const jwk = privateJwk.parse(JSON.parse(openSigningKey(encryptionKey, sealedPrivateJwk)));
      return { state, key: { ...jwk, kid: id, alg: 'ES256' as const, use: 'sig' as const } };
    });
  return {
    signing: keys.filter(({ state }) => state !== 'retired').map(({ key }) => key),
    cookies: keys.map(({ key }) => cookieKey(key)),
  };
}

function cookieKey({ d }: PrivateSigningKey): string {
  return deriveKey(Buffer.from(d, 'base64url').toString('hex'), 'keystile cookies').toString('base64url');
}

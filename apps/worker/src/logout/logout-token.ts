import { randomUUID } from 'node:crypto';
import { importJWK, type JWK, SignJWT } from 'jose';
import { openSigningKey } from '#crypto';
import { type Logout, listSigningKeys, type Queryable } from '#store';

const event = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * A logout token (OpenID Connect Back-Channel Logout 1.0 §2.4), good for two minutes, signed with the key that signs now.
 * Throws an Error when there is none, or `encryptionKey` is not the one it was stored with.
 */
export async function makeLogoutToken(
  db: Queryable,
  { issuer, encryptionKey }: { issuer: string; encryptionKey: string },
  { clientId, userId, sid }: Logout,
): Promise<string> {
  const key = (await listSigningKeys(db)).find(({ state }) => state === 'signing');
  if (!key) throw new Error('no key signs tokens now');
  const jwk: JWK = JSON.parse(openSigningKey(encryptionKey, key.sealedPrivateJwk));
  return new SignJWT({ sid, events: { [event]: {} } })
    .setProtectedHeader({ alg: 'ES256', typ: 'logout+jwt', kid: key.id })
    .setIssuer(issuer)
    .setAudience(clientId)
    .setSubject(userId)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('2m')
    .sign(await importJWK(jwk, 'ES256'));
}

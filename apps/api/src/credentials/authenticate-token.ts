import { intersectScopes, Problem, type Product, windowsFor } from '#catalog';
import { type AccessTokenCredential, findAccessTokenCredential, type Queryable } from '#store';
import type { Caller } from '../caller.ts';
import type { VerifyAccessToken } from './verify-access-token.ts';

/**
 * The caller behind an access token. Its scopes are those that the token, the user's consent, the client's
 * registration and the user's role all allow at this moment. Access tokens reach live data only.
 *
 * Problems: `invalid_credential` (forged, foreign, revoked, or what it stands on is gone), `expired_credential`.
 */
export async function authenticateToken(
  db: Queryable,
  product: Product,
  verify: VerifyAccessToken,
  token: string,
): Promise<Caller> {
  const claims = await verify(token);
  const found = await findAccessTokenCredential(db, claims.grantId, claims.jti);
  if (!found || found.userId !== claims.userId || found.clientId !== claims.clientId) {
    throw new Problem('invalid_credential', `access token ${claims.jti} is revoked, or its grant is gone`);
  }
  return tokenCaller(product, found, claims.scopes, new Date(claims.expiresAt * 1000).toISOString());
}

/** The caller that an access token of these scopes stands for, given what is behind it right now. */
export function tokenCaller(
  product: Product,
  found: AccessTokenCredential,
  tokenScopes: readonly string[],
  expiresAt: string,
): Caller {
  const plan = product.plans[found.plan];
  if (!plan) throw new Error(`organization ${found.organizationId} has the unknown plan ${found.plan}`);
  const allowed = [found.consentedScopes, found.clientScopes, product.roles[found.role]];
  return {
    organizationId: found.organizationId,
    plan: found.plan,
    mode: 'live',
    scopes: allowed.reduce((scopes, more) => intersectScopes(product, scopes, more), [...tokenScopes]),
    windows: windowsFor(plan, 'live', found.windows),
    countedAs: `token:${found.userId}:${found.clientId}`,
    allowlists: [found.organizationAllowedIps],
    credential: { type: 'access_token', userId: found.userId, clientId: found.clientId, expiresAt },
  };
}

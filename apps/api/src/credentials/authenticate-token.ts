import type { Response } from 'express';
import { Problem, type Product, windowsFor } from '#catalog';
import {
  type AccessTokenCredential,
  findAccessTokenCredential,
  findAccessTokenLoss,
  type Queryable,
} from '#store';
import { type Allowance, type Caller, setSender } from '../caller.ts';
import { allowedByAll } from './allowed-by-all.ts';
import type { AccessTokenClaims } from './verify-access-token.ts';

/**
 * The caller behind an access token that says `claims`. Its scopes are those that the token, the user's consent, the
 * client's registration and the user's role all allow at this moment. Access tokens reach live data only. Notes on
 * `response` whose token it is, also when it is refused.
 *
 * Problems: `invalid_credential` (revoked, or what it stands on is gone), `expired_credential`.
 */
export async function authenticateToken(
  db: Queryable,
  product: Product,
  claims: AccessTokenClaims,
  response: Response,
): Promise<Caller> {
  const { organizationId, userId, clientId } = claims;
  setSender(response, { organizationId, mode: 'live', keyId: null, userId, clientId });
  const expiresAt = new Date(claims.expiresAt * 1000).toISOString();
  if (claims.expiresAt * 1000 <= Date.now()) {
    const mend = 'Get a new one with the refresh token, or let the user authorize the app again.';
    throw new Problem('expired_credential', `The access token expired at ${expiresAt}.`, { mend });
  }
  const found = await findAccessTokenCredential(db, claims.grantId, claims.jti);
  if (!found || found.userId !== userId || found.clientId !== clientId) throw await loss(db, claims);
  return tokenCaller(product, found, claims.scopes, expiresAt);
}

/** The problem of a token that once was good: what of it is gone. */
async function loss(db: Queryable, claims: AccessTokenClaims): Promise<Problem> {
  const { client, member, revoked } = await findAccessTokenLoss(db, claims);
  const invalid = (detail: string, mend: string) => new Problem('invalid_credential', detail, { mend });
  if (client) return invalid(`The client ${claims.clientId} is gone.`, 'Register the app again.');
  if (member) {
    return invalid(
      `The user ${claims.userId} is no member of the organization any more.`,
      'Add the user again, or let a member authorize the app.',
    );
  }
  if (revoked) {
    const mend = 'Get a new one with the refresh token, or let the user authorize the app again.';
    return invalid(`Access token ${claims.jti} was revoked.`, mend);
  }
  return invalid(
    `What access token ${claims.jti} was issued on is gone: the user's consent, or the refresh token of that time.`,
    'Let the user authorize the app again.',
  );
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
  const allowances: Allowance[] = [
    { by: 'token', scopes: tokenScopes },
    { by: 'consent', scopes: found.consentedScopes },
    { by: 'client', scopes: found.clientScopes },
    { by: 'user', role: found.role, scopes: product.roles[found.role] },
  ];
  return {
    organizationId: found.organizationId,
    plan: found.plan,
    mode: 'live',
    scopes: allowedByAll(product, allowances),
    allowances,
    windows: windowsFor(plan, 'live', found.windows),
    countedAs: `token:${found.userId}:${found.clientId}`,
    allowlists: [found.organizationAllowedIps],
    credential: { type: 'access_token', userId: found.userId, clientId: found.clientId, expiresAt },
  };
}

import { firstPartyClientId, Problem, type Product, windowsFor } from '#catalog';
import {
  type AccessTokenCredential,
  type ClientCredential,
  findAccessTokenCredential,
  findAccessTokenLoss,
  findClientCredential,
  findConsentCredential,
  type Queryable,
} from '#store';
import type { Allowance, Caller, Sender } from '../caller.ts';
import { allowedByAll } from './allowed-by-all.ts';
import { planOf } from './plan-of.ts';
import { requireOauth } from './require-oauth.ts';
import type { AccessTokenClaims } from './verify-access-token.ts';

/** Whose a verified access token is, good or not. */
export function senderOfToken({ organizationId, userId, clientId, grantId }: AccessTokenClaims): Sender {
  return { organizationId, mode: 'live', keyId: null, userId: grantId === null ? null : userId, clientId };
}

/**
 * The caller behind a verified access token. Its scopes are those that the token, the user's consent, the client's
 * registration and the user's role all allow at this moment, or the token and the registration when the client has it in
 * its own name. Access tokens reach live data only. `organizationId` is the organization that the request names, if it does.
 *
 * Problems: `invalid_credential` (revoked, or what it stands on is gone), `expired_credential`, `plan_required`.
 */
export async function authenticateToken(
  db: Queryable,
  product: Product,
  claims: AccessTokenClaims,
  organizationId: string | null = null,
): Promise<Caller> {
  const { userId, clientId, grantId, jti, keyId } = claims;
  const expiresAt = new Date(claims.expiresAt * 1000).toISOString();
  if (claims.expiresAt * 1000 <= Date.now()) {
    throw new Problem('expired_credential', `The access token expired at ${expiresAt}.`, {
      mend: renewal(claims),
    });
  }
  if (grantId === null) {
    const found = userId === clientId ? await findClientCredential(db, clientId, jti, keyId) : null;
    if (!found) throw await loss(db, claims);
    return clientCaller(product, found, claims.scopes, expiresAt);
  }
  const found = await findAccessTokenCredential(db, grantId, jti, keyId);
  if (!found || found.userId !== userId || found.clientId !== clientId) throw await loss(db, claims);
  const reached = await reachedFrom(db, found, organizationId);
  return tokenCaller(product, reached, claims.scopes, expiresAt);
}

/** What a token of the product's own programs may do in another of the user's organizations; an app's stays in its own. */
async function reachedFrom(
  db: Queryable,
  found: AccessTokenCredential,
  organizationId: string | null,
): Promise<AccessTokenCredential> {
  const stays = organizationId === null || organizationId === found.organizationId;
  if (stays || found.clientId !== firstPartyClientId) return found;
  return (await findConsentCredential(db, { ...found, organizationId })) ?? found;
}

function renewal({ grantId }: AccessTokenClaims): string {
  return grantId === null
    ? 'Get a new one with the credentials of the client.'
    : 'Get a new one with the refresh token, or let the user authorize the app again.';
}

/** The problem of a token that once was good: what of it is gone. */
async function loss(db: Queryable, claims: AccessTokenClaims): Promise<Problem> {
  const { client, member, revoked, key } = await findAccessTokenLoss(db, claims);
  const invalid = (detail: string, mend: string) => new Problem('invalid_credential', detail, { mend });
  if (client) return invalid(`The client ${claims.clientId} is gone.`, 'Register the app again.');
  if (member && claims.grantId !== null) {
    return invalid(
      `The user ${claims.userId} is no member of the organization any more.`,
      'Add the user again, or let a member authorize the app.',
    );
  }
  if (key)
    return invalid(`The key ${claims.keyId} that signed the access token was revoked.`, renewal(claims));
  if (revoked) return invalid(`Access token ${claims.jti} was revoked.`, renewal(claims));
  if (claims.grantId === null) {
    return invalid(
      `The client ${claims.clientId} may not act in its own name any more.`,
      'Let the client have the grant client_credentials.',
    );
  }
  return invalid(
    `What access token ${claims.jti} was issued on is gone: the user's consent, or the refresh token of that time.`,
    'Let the user authorize the app again.',
  );
}

/**
 * The caller that an access token of these scopes stands for, given what is behind it right now. Problem:
 * `plan_required`.
 */
export function tokenCaller(
  product: Product,
  found: AccessTokenCredential,
  tokenScopes: readonly string[],
  expiresAt: string,
): Caller {
  const allowances: Allowance[] = [
    { by: 'token', scopes: tokenScopes },
    { by: 'consent', scopes: found.consentedScopes },
    { by: 'client', scopes: found.clientScopes },
    { by: 'user', role: found.role, scopes: product.roles[found.role] },
  ];
  const { userId, clientId } = found;
  return {
    ...oauthCaller(product, found, allowances),
    countedAs: `token:${userId}:${clientId}`,
    credential: { type: 'access_token', userId, clientId, consentId: found.consentId, expiresAt },
  };
}

/** The same for a token that a client has in its own name: it acts as its organization. */
export function clientCaller(
  product: Product,
  found: ClientCredential,
  tokenScopes: readonly string[],
  expiresAt: string,
): Caller {
  const allowances: Allowance[] = [
    { by: 'token', scopes: tokenScopes },
    { by: 'client', scopes: found.clientScopes },
  ];
  const { clientId, createdBy } = found;
  return {
    ...oauthCaller(product, { ...found, clientPlan: found.plan }, allowances),
    countedAs: `client:${clientId}`,
    credential: { type: 'client', clientId, createdBy, expiresAt },
  };
}

/** What every token's caller has. Problem: `plan_required`. */
function oauthCaller(
  product: Product,
  found: Omit<ClientCredential, 'createdBy'> & { clientPlan: string | null },
  allowances: Allowance[],
): Omit<Caller, 'countedAs' | 'credential'> {
  requireOauth(product, found);
  return {
    organizationId: found.organizationId,
    plan: found.plan,
    mode: 'live',
    scopes: allowedByAll(product, allowances),
    allowances,
    windows: windowsFor(planOf(product, found), 'live', found.windows),
    allowlists: [found.organizationAllowedIps],
  };
}

import type Provider from 'oidc-provider';
import { firstPartyClientId, type PasswordLoginOutcome, type Product, planHasOauth } from '#catalog';
import { type Database, listMembershipsOfUser, setConsentOfGrant, upsertConsent } from '#store';
import { apiResource } from '../api-resource.ts';

export interface SignInTokenFacts {
  product: Product;
  db: Database;
  apiUrl: string;
  provider: Provider;
}

/**
 * An access token for the product's own programs, by a sign-in at `authTime` (seconds since 1970). It is the first organization's by name,
 * and may reach the person's others: in each, as much as the role there allows. It stands on a grant, and ends as every
 * token does: with a changed password, the membership, or the consent.
 */
export async function signInToken(
  { product, db, apiUrl, provider }: SignInTokenFacts,
  { userId, authTime }: { userId: string; authTime: number },
): Promise<PasswordLoginOutcome> {
  const client = await provider.Client.find(firstPartyClientId);
  if (!client) throw new Error('the first-party client is gone');
  const all = await listMembershipsOfUser(db.pipeline, userId);
  const memberships = all.filter(({ plan }) => planHasOauth(product, plan));
  const roleScopes = new Set(memberships.flatMap(({ role }) => product.roles[role]));
  const scopes = Object.keys(product.scopes).filter((scope) => roleScopes.has(scope));

  // The product's own programs ask for no consent, but what they may do stands where that of all apps does.
  const [consent] = await db.transaction((tx) =>
    Promise.all(
      memberships.map(({ organizationId, role }) =>
        upsertConsent(tx, {
          userId,
          clientId: firstPartyClientId,
          organizationId,
          scopes: [...product.roles[role]],
          declinedScopes: [],
        }),
      ),
    ),
  );
  if (!consent) return { outcome: 'no_organization' };

  const resource = apiResource(apiUrl, scopes);
  const grant = new provider.Grant({ accountId: userId, clientId: firstPartyClientId });
  grant.addResourceScope(apiUrl, resource.scope);
  grant.exp = Math.floor(Date.now() / 1000) + resource.accessTokenTTL;
  await grant.save();
  const grantId = grant.jti;
  if (!(await setConsentOfGrant(db, { grantId, consentId: consent.id, signedInAt: authTime }))) {
    return { outcome: 'refused' };
  }
  const token = new provider.AccessToken({
    accountId: userId,
    client,
    grantId,
    gty: 'password',
    scope: resource.scope,
    resourceServer: new provider.ResourceServer(apiUrl, resource),
  });
  const accessToken = await token.save();
  return {
    outcome: 'signed_in',
    access_token: accessToken,
    expires_in: resource.accessTokenTTL,
    scope: resource.scope,
  };
}

import type Provider from 'oidc-provider';
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { z } from 'zod';
import { isLoopback, type Product, planHasOauth } from '#catalog';
import {
  type Consent,
  type Database,
  findConsent,
  findLatestConsent,
  findMember,
  findOrganization,
  lacksSecondFactor,
  setConsentOfGrant,
} from '#store';
import { apiScopesOf, organizationOf } from './client-metadata.ts';
import { offerScopes, type ScopeOffer } from './scope-offer.ts';
import { splitScopes } from './scopes.ts';

/** What the consent page hands on: in which organization the user has just decided. */
export const consentResult = z.object({ organizationId: z.string() });

/**
 * Mints the grant of one authorization, already filled from what the user decided, or returns undefined when the
 * user must be asked: nothing was decided yet, what was decided last has ended, the organization requires a second factor that is
 * missing, a new scope is asked for, the decision leaves nothing to grant, or it was withdrawn, or the sign-in ended, in this
 * moment.
 *
 * Each authorization gets a grant of its own, since the reuse of one refresh token ends the whole grant: the
 * user's other devices keep theirs.
 */
export function loadGrant(
  db: Database,
  product: Product,
  apiUrl: string,
): NonNullable<Configuration['loadExistingGrant']> {
  return async (ctx) => {
    const { client, account } = ctx.oidc;
    if (!client || !account) return undefined;
    if (ctx.oidc.promptPending('login') || ctx.oidc.promptPending('consent')) return undefined;

    const decided = consentResult.safeParse(ctx.oidc.result?.consent).data;
    const pair = { userId: account.accountId, clientId: client.clientId };
    const consent = decided
      ? await findConsent(db, { ...pair, ...decided })
      : await findLatestConsent(db, pair.userId, pair.clientId);
    const member = consent && (await findMember(db, consent.organizationId, consent.userId));
    const organization = consent && (await findOrganization(db, consent.organizationId));
    if (!consent || !member?.accepted || !organization || !planHasOauth(product, organization.plan))
      return undefined;
    if (await lacksSecondFactor(db, consent)) return undefined;

    const offers = offerScopes(product, {
      requested: ctx.oidc.requestParamScopes,
      clientScopes: apiScopesOf(client),
      role: member.role,
      consent,
    });
    if (!decided && (consent.asksAgain || mustAsk(offers) || isAnyProgram(ctx))) return undefined;
    return mintGrant(db, product, ctx, { apiUrl, consent, offers });
  };
}

function mustAsk(offers: readonly ScopeOffer[]): boolean {
  return offers.some(({ state }) => state === 'open') || !offers.some(({ state }) => state === 'granted');
}

/** Nobody vouches for an app that describes itself, and on the user's own machine each program can claim to be it. */
function isAnyProgram({ oidc: { client, params } }: KoaContextWithOIDC): boolean {
  const { redirect_uri } = params ?? {};
  return (
    client !== undefined &&
    organizationOf(client) === null &&
    typeof redirect_uri === 'string' &&
    isLoopback(new URL(redirect_uri))
  );
}

async function mintGrant(
  db: Database,
  product: Product,
  ctx: KoaContextWithOIDC,
  { apiUrl, consent, offers }: { apiUrl: string; consent: Consent; offers: readonly ScopeOffer[] },
): Promise<InstanceType<Provider['Grant']> | undefined> {
  const grant = new ctx.oidc.provider.Grant({ accountId: consent.userId, clientId: consent.clientId });
  for (const { scope, state } of offers) {
    const isApi = splitScopes(product, [scope]).api.length > 0;
    // What is rejected counts as answered: oidc-provider doesn't ask for it again.
    if (state === 'granted' && isApi) grant.addResourceScope(apiUrl, scope);
    else if (state === 'granted') grant.addOIDCScope(scope);
    else if (isApi) grant.rejectResourceScope(apiUrl, scope);
    else grant.rejectOIDCScope(scope);
  }
  await grant.save();
  const signedInAt = ctx.oidc.session?.loginTs ?? 0;
  return (await setConsentOfGrant(db, { grantId: grant.jti, consentId: consent.id, signedInAt }))
    ? grant
    : undefined;
}

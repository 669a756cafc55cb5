import type { AllClientMetadata, Client as ProviderClient } from 'oidc-provider';
import { z } from 'zod';
import { clientUrl } from '#catalog';
import { matchesHash } from '#crypto';
import type { Client, ClientSettings } from '#store';

/** What oidc-provider keeps of a client beyond the metadata of RFC 7591. */
export const extraClientMetadata = ['api_scopes', 'organization_id', 'plan', 'secrets', 'claimed_name'];

const secrets = z.array(z.object({ id: z.string(), hash: z.string() }));

/**
 * A client as oidc-provider wants it. One that describes itself goes by the host of its URL, since only that is known to
 * be true, and what it calls itself is beside that.
 */
export function clientMetadata(
  client: ClientSettings & Pick<Client, 'id' | 'organizationId' | 'plan' | 'secrets'>,
) {
  const host = clientUrl(client.id)?.host;
  const metadata: AllClientMetadata = {
    client_id: client.id,
    client_name: host ?? client.name,
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    grant_types: client.grantTypes,
    response_types: client.grantTypes.includes('authorization_code') ? ['code'] : [],
    // A `web` client's redirect URIs are compared exactly; a `native` one's loopback port may vary.
    application_type: client.applicationType,
    token_endpoint_auth_method: client.authMethod,
    // Never the secret, nor compared: it must be there for oidc-provider to take such a client.
    ...(client.authMethod.startsWith('client_secret_') && { client_secret: 'see secrets' }),
    dpop_bound_access_tokens: client.dpopBoundAccessTokens,
    ...(client.responseModes && { response_modes: client.responseModes }),
    require_pushed_authorization_requests: client.requirePushedAuthorizationRequests,
    ...(client.backchannelLogoutUri !== null && {
      backchannel_logout_uri: client.backchannelLogoutUri,
      backchannel_logout_session_required: true,
    }),
    ...(client.jwks && { jwks: client.jwks }),
    ...(client.logoUri !== null && { logo_uri: client.logoUri }),
    ...(client.clientUri !== null && { client_uri: client.clientUri }),
    ...(client.policyUri !== null && { policy_uri: client.policyUri }),
    ...(client.tosUri !== null && { tos_uri: client.tosUri }),
  };
  return {
    ...metadata,
    api_scopes: client.scopes,
    organization_id: client.organizationId,
    plan: client.plan,
    secrets: client.secrets.map(({ id, hash }) => ({ id, hash })),
    claimed_name: host === undefined ? null : client.name,
  };
}

/** The id of the client's live secret that `secret` is, or null; each is compared in constant time. */
export function matchingSecret(client: ProviderClient, secret: string): string | null {
  const matches = secrets
    .parse(client.secrets)
    .filter(({ hash }) => matchesHash(secret, Buffer.from(hash, 'hex')));
  return matches[0]?.id ?? null;
}

/** The API scopes that a client may ask for. */
export function apiScopesOf(client: ProviderClient): string[] {
  return z.array(z.string()).parse(client.api_scopes);
}

/** The organization that a client belongs to; null when it describes itself at its URL. */
export function organizationOf(client: ProviderClient): string | null {
  return z.string().nullable().parse(client.organization_id);
}

/** The plan of the organization that a client belongs to; null when it belongs to none. */
export function planOf(client: ProviderClient): string | null {
  return z.string().nullable().parse(client.plan);
}

/** What a client that describes itself wants to be called; null for one of an organization. */
export function claimedNameOf(client: ProviderClient): string | null {
  return z.string().nullable().parse(client.claimed_name);
}

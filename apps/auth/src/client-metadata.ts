import type { AllClientMetadata, Client as ProviderClient } from 'oidc-provider';
import { z } from 'zod';
import { matchesHash } from '#crypto';
import type { Client } from '#store';

/** What oidc-provider keeps of a client beyond the metadata of RFC 7591. */
export const extraClientMetadata = ['api_scopes', 'organization_id', 'secrets'];

const secrets = z.array(z.object({ id: z.string(), hash: z.string() }));

/** A client as oidc-provider wants it. */
export function clientMetadata(client: Client) {
  const metadata: AllClientMetadata = {
    client_id: client.id,
    client_name: client.name,
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
    secrets: client.secrets.map(({ id, hash }) => ({ id, hash })),
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

/** The organization that a client belongs to. */
export function organizationOf(client: ProviderClient): string {
  return z.string().parse(client.organization_id);
}

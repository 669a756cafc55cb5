import type { AllClientMetadata, Client as ProviderClient } from 'oidc-provider';
import { z } from 'zod';
import { matchesHash } from '#crypto';
import type { Client } from '#store';

/** What oidc-provider keeps of a client beyond the metadata of RFC 7591. */
export const extraClientMetadata = ['api_scopes', 'organization_id'];

/**
 * A client as oidc-provider wants it. Both kinds are `web` to it, since that compares redirect URIs exactly:
 * `native` would let the port of a loopback address vary, and ask for consent each time.
 */
export function clientMetadata(client: Client) {
  const metadata: AllClientMetadata = {
    client_id: client.id,
    client_name: client.name,
    redirect_uris: client.redirectUris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    application_type: 'web',
    token_endpoint_auth_method: client.type === 'confidential' ? 'client_secret_basic' : 'none',
    ...(client.secretHash && { client_secret: client.secretHash.toString('hex') }),
  };
  return { ...metadata, api_scopes: client.scopes, organization_id: client.organizationId };
}

/** Whether `secret` is the client's, whose metadata holds the hash of it; compared in constant time. */
export function matchesClientSecret(client: ProviderClient, secret: string): boolean {
  return client.clientSecret !== undefined && matchesHash(secret, Buffer.from(client.clientSecret, 'hex'));
}

/** The API scopes that a client may ask for. */
export function apiScopesOf(client: ProviderClient): string[] {
  return z.array(z.string()).parse(client.api_scopes);
}

/** The organization that a client belongs to. */
export function organizationOf(client: ProviderClient): string {
  return z.string().parse(client.organization_id);
}

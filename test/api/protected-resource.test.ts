import { describe, expect, it } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { resourceMetadataUrl } from '../../apps/api/src/routes/protected-resource.ts';
import { product } from '../auth/fixtures.ts';
import { call, callAs } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const db = await createTestDatabase();
const { url, origin } = await startApi({ db, product, authUrl: 'https://auth.example.com' });
const at = `${origin}/.well-known/oauth-protected-resource`;

describe('the metadata of the API', () => {
  it('tells a client that knows its URL alone where its tokens come from', async () => {
    const response = await oauth.resourceDiscoveryRequest(new URL(origin), {
      [oauth.allowInsecureRequests]: true,
    });
    expect(await response.json()).toEqual({
      resource: origin,
      authorization_servers: ['https://auth.example.com'],
      scopes_supported: Object.keys(product.scopes),
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519'],
      resource_name: 'VaultWares',
      resource_documentation: `${origin}/docs`,
    });
  });

  it('is open to browsers on other origins, needs no credential and is not counted', async () => {
    const { status, headers } = await call(at);
    expect([status, headers.get('access-control-allow-origin')]).toEqual([200, '*']);
    expect(headers.get('x-ratelimit-limit')).toBeNull();
    const refused = await call(at, { method: 'POST' });
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('stands before the path of an API that has one', () => {
    expect(resourceMetadataUrl('https://example.com/api/')).toBe(
      'https://example.com/.well-known/oauth-protected-resource/api',
    );
  });
});

it('each challenge names the metadata', async () => {
  const { id } = await createOrganization(db, product);
  const key = await createKey(db, product, id, []);
  for (const [credential, status] of [
    ['', 401],
    ['vw_live_wrong', 401],
    [key.key, 403],
  ] as const) {
    const answer = await callAs(credential, `${url}/devices`);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('www-authenticate')).toContain(`resource_metadata="${at}"`);
  }
});

import { describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { deleteMember } from '#store';
import { openBrowser } from '../support/sign-in.ts';
import { apiUrl, createSetting, product } from './fixtures.ts';

const setting = await createSetting();
const { db, auth } = setting;
const person = await setting.person();
const browser = openBrowser();

describe('OpenID Connect', () => {
  it('gives an ID token beside a token for the API, with the claims that were asked for', async () => {
    const client = await setting.client();
    const tokens = await setting.tokens(client, person, {
      browser,
      scope: 'openid email devices:read',
      more: { nonce: 'n-1' },
    });
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: apiUrl, scope: 'devices:read' });
    const keys = createRemoteJWKSet(new URL(`${auth.url}/oauth/jwks`));
    const { payload } = await jwtVerify(tokens.id_token, keys, { issuer: auth.url, audience: client.id });
    expect(payload).toMatchObject({ sub: person.id, email: person.email, nonce: 'n-1' });
    expect(payload).not.toHaveProperty('name');
  });

  it('gives a token for the userinfo endpoint when nothing of the API is asked for', async () => {
    const client = await setting.client();
    const tokens = await setting.tokens(client, person, { browser, scope: 'openid profile' });
    const ask = () =>
      fetch(`${auth.url}/oauth/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    const response = await ask();
    expect(await response.json()).toEqual({ sub: person.id, name: 'Example' });
    const introspected = await setting.post('/oauth/introspect', client, { token: tokens.access_token });
    expect(await introspected.json()).toMatchObject({ active: true, scope: 'openid profile' });
    await setting.post('/oauth/revoke', client, { token: tokens.access_token });
    expect((await ask()).status).toBe(401);
  });

  it('knows a removed member no more', async () => {
    const client = await setting.client();
    const member = await setting.person('member');
    const tokens = await setting.tokens(client, member, { scope: 'openid' });
    await deleteMember(db, setting.organizationId, member.id);
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    expect((await fetch(`${auth.url}/oauth/userinfo`, { headers })).status).toBe(401);
    expect(await setting.refresh(client, tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' });
  });

  it('lets no token for the API into the userinfo endpoint', async () => {
    const client = await setting.client();
    const { access_token } = await setting.tokens(client, person, { browser, scope: 'openid devices:read' });
    for (const token of [access_token, 'nothing', '']) {
      const response = await fetch(`${auth.url}/oauth/userinfo`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
    }
  });
});

describe('the published documents', () => {
  it('name the endpoints under the issuer, whatever host was asked', async () => {
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
    };
    for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
      const response = await fetch(auth.url + path, { headers });
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({
        issuer: auth.url,
        authorization_endpoint: `${auth.url}/oauth/authorize`,
        token_endpoint: `${auth.url}/oauth/token`,
        revocation_endpoint: `${auth.url}/oauth/revoke`,
        introspection_endpoint: `${auth.url}/oauth/introspect`,
        userinfo_endpoint: `${auth.url}/oauth/userinfo`,
        jwks_uri: `${auth.url}/oauth/jwks`,
        pushed_authorization_request_endpoint: `${auth.url}/oauth/par`,
        response_types_supported: ['code'],
        grant_types_supported: [
          'authorization_code',
          'refresh_token',
          'client_credentials',
          'urn:ietf:params:oauth:grant-type:device_code',
        ],
        code_challenge_methods_supported: ['S256'],
        id_token_signing_alg_values_supported: ['ES256'],
        token_endpoint_auth_methods_supported: [
          'client_secret_basic',
          'client_secret_post',
          'private_key_jwt',
          'none',
        ],
        scopes_supported: ['openid', 'profile', 'email', ...Object.keys(product.scopes)],
      });
    }
  });

  it('publish the public half of the signing key', async () => {
    const { keys } = await (await fetch(`${auth.url}/oauth/jwks`)).json();
    expect(keys).toEqual([
      {
        kty: 'EC',
        crv: 'P-256',
        alg: 'ES256',
        use: 'sig',
        kid: expect.any(String),
        x: expect.any(String),
        y: expect.any(String),
      },
    ]);
    const rows = await db.query('select id from signing_keys');
    expect(rows).toEqual([{ id: keys[0].kid }]);
  });
});

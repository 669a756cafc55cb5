import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { findAccessTokenCredential, newId } from '#store';
import { authorize, openBrowser } from '../support/sign-in.ts';
import { apiUrl, challenge, createSetting, redirectUri, verifier } from './fixtures.ts';

const setting = await createSetting();
const { db, auth } = setting;
const person = await setting.person();
const browser = openBrowser();

async function code(...[client, parameters]: Parameters<typeof setting.authorizeUrl>): Promise<string> {
  const callback = await authorize(setting.authorizeUrl(client, parameters), person, { browser });
  return callback.searchParams.get('code') ?? `no code: ${callback}`;
}

describe('the documented flow', () => {
  it('takes scopes joined by +, and gives a code that the documented form exchanges', async () => {
    const client = await setting.client();
    const url = `${auth.url}/oauth/authorize?client_id=${client.id}&redirect_uri=${redirectUri}&response_type=code&scope=devices:read+devices:write`;
    const callback = await authorize(url, person, { browser });
    expect(callback.href).toMatch(`${redirectUri}?code=`);
    expect(callback.searchParams.get('iss')).toBe(auth.url);

    const response = await fetch(`${auth.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=authorization_code&code=${callback.searchParams.get('code')}&client_id=${client.id}&client_secret=${client.secret}&redirect_uri=${redirectUri}`,
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'devices:read devices:write',
    });
  });

  it('takes the client secret in a Basic header too', async () => {
    const client = await setting.client();
    const response = await fetch(`${auth.url}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: await code(client),
        redirect_uri: redirectUri,
      }),
    });
    expect(response.status).toBe(200);
  });

  it('reads an encoded plus sign between scopes as what it means', async () => {
    const client = await setting.client();
    const url = setting.authorizeUrl(client, { scope: 'devices:read+devices:write' });
    expect(url.search).toContain('devices%3Aread%2Bdevices%3Awrite');
    const callback = await authorize(url, person, { browser });
    const tokens = await setting.exchange(client, {
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: redirectUri,
    });
    expect(tokens.scope).toBe('devices:read devices:write');
  });

  it('gives back the state as it was', async () => {
    const client = await setting.client();
    const state = 'a b+c%2B"<ü>';
    const callback = await authorize(setting.authorizeUrl(client, { state }), person, { browser });
    expect(callback.searchParams.get('state')).toBe(state);
  });

  it('starts from a pushed authorization request too', async () => {
    const client = await setting.client();
    const pushed = await setting.post('/oauth/par', client, {
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'devices:read',
    });
    expect(pushed.status).toBe(201);
    const { request_uri } = await pushed.json();
    const url = `${auth.url}/oauth/authorize?client_id=${client.id}&request_uri=${request_uri}`;
    expect((await authorize(url, person, { browser })).searchParams.get('code')).toEqual(expect.any(String));
    expect((await authorize(url, person, { browser })).searchParams.get('error')).toBe('invalid_request_uri');
  });
});

describe('an access token', () => {
  it('is a JWT of RFC 9068 for the API', async () => {
    const client = await setting.client();
    const { access_token } = await setting.tokens(client, person, {
      browser,
      scope: 'devices:read audit:read',
    });
    expect(decodeProtectedHeader(access_token)).toEqual({
      typ: 'at+jwt',
      alg: 'ES256',
      kid: expect.any(String),
    });
    const claims = decodeJwt(access_token);
    expect(claims).toEqual({
      iss: auth.url,
      aud: apiUrl,
      sub: person.id,
      client_id: client.id,
      scope: 'devices:read audit:read',
      org_id: setting.organizationId,
      grant_id: expect.any(String),
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(3600);
    const standing = await findAccessTokenCredential(db, String(claims.grant_id), String(claims.jti));
    expect(standing).toMatchObject({
      userId: person.id,
      clientId: client.id,
      consentedScopes: expect.any(Array),
    });
  });
});

describe('a code', () => {
  it('works once: used again, it ends the tokens that it gave', async () => {
    const client = await setting.client();
    const form = { grant_type: 'authorization_code', code: await code(client), redirect_uri: redirectUri };
    const tokens = await setting.exchange(client, form);
    expect(tokens.status).toBe(200);
    expect(await setting.exchange(client, form)).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await setting.refresh(client, tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' });
    expect(await standingOf(tokens.access_token)).toBeNull();
  });

  it('gives nothing that lasts when two use it at the same moment', async () => {
    const client = await setting.client();
    const form = { grant_type: 'authorization_code', code: await code(client), redirect_uri: redirectUri };
    const answers = await Promise.all(Array.from({ length: 8 }, () => setting.exchange(client, form)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    for (const { access_token } of answers.filter(({ status }) => status === 200)) {
      expect(await standingOf(access_token)).toBeNull();
    }
  });

  it('works for its own client only, with its own redirect URI', async () => {
    const [client, other] = [await setting.client(), await setting.client()];
    const form = { grant_type: 'authorization_code', code: await code(client), redirect_uri: redirectUri };
    expect(await setting.exchange(other, form)).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await setting.exchange(client, { ...form, redirect_uri: `${redirectUri}/` })).toMatchObject({
      status: 400,
      error: 'invalid_grant',
    });
    expect(await setting.exchange(client, form)).toMatchObject({ status: 200 });
  });

  it('needs the client secret', async () => {
    const client = await setting.client();
    const form = { grant_type: 'authorization_code', code: await code(client), redirect_uri: redirectUri };
    for (const secret of ['wrong', '', null]) {
      const answer = await setting.exchange({ ...client, secret }, form);
      expect(answer).toMatchObject({ status: 401, error: 'invalid_client' });
    }
    expect(await setting.exchange(client, form)).toMatchObject({ status: 200 });
  });
});

describe('PKCE', () => {
  it('is required of public clients, by S256 alone', async () => {
    const client = await setting.client({ type: 'public' });
    const refused = async (change: (url: URL) => void) => {
      const url = setting.authorizeUrl(client);
      change(url);
      const callback = await authorize(url, person, { browser });
      return callback.searchParams.get('error');
    };
    const without = (...names: string[]) =>
      refused((url) => {
        for (const name of names) url.searchParams.delete(name);
      });
    expect(await without('code_challenge', 'code_challenge_method')).toBe('invalid_request');
    expect(await without('code_challenge_method')).toBe('invalid_request');
    expect(await refused((url) => url.searchParams.set('code_challenge_method', 'plain'))).toBe(
      'invalid_request',
    );
  });

  it('lets a public client without a secret in, with the right verifier only', async () => {
    const client = await setting.client({ type: 'public' });
    const form = { grant_type: 'authorization_code', code: await code(client), redirect_uri: redirectUri };
    const wrong = createHash('sha256').update('another').digest('base64url');
    expect(await setting.exchange(client, { ...form, code_verifier: wrong })).toMatchObject({
      error: 'invalid_grant',
    });
    expect(await setting.exchange(client, form)).toMatchObject({ error: 'invalid_grant' });
    expect(await setting.exchange(client, { ...form, code_verifier: verifier })).toMatchObject({
      status: 200,
    });
  });

  it('holds for a confidential client that used it, and can’t be slipped in after', async () => {
    const client = await setting.client();
    const exchange = (value: string, more: Record<string, string>) =>
      setting.exchange(client, {
        grant_type: 'authorization_code',
        code: value,
        redirect_uri: redirectUri,
        ...more,
      });
    const bound = await code(client, { code_challenge: challenge, code_challenge_method: 'S256' });
    expect(await exchange(bound, {})).toMatchObject({ error: 'invalid_grant' });
    expect(await exchange(bound, { code_verifier: verifier })).toMatchObject({ status: 200 });
    expect(await exchange(await code(client), { code_verifier: verifier })).toMatchObject({
      error: 'invalid_grant',
    });
  });
});

describe('a client', () => {
  it('that does not exist is a page, no redirect', async () => {
    const client = { ...(await setting.client()), id: newId('client') };
    const response = await fetch(setting.authorizeUrl(client), { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
    expect(response.headers.get('content-type')).toMatch('text/html');
  });

  it.each(['token', 'id_token', 'code id_token', 'none'])(
    'gets no %s from the authorization endpoint',
    async (response_type) => {
      const url = setting.authorizeUrl(await setting.client(), { response_type, nonce: 'n' });
      const callback = await authorize(url, person, { browser });
      const answer = new URLSearchParams(callback.search || callback.hash.slice(1));
      expect(answer.get('error')).toMatch(/^(unsupported_response_type|invalid_request)$/);
    },
  );

  it.each([
    ['password', 'unsupported_grant_type'],
    ['implicit', 'unsupported_grant_type'],
    ['', 'invalid_request'],
    ['client_credentials', 'unauthorized_client'],
    ['urn:ietf:params:oauth:grant-type:device_code', 'unauthorized_client'],
  ])('gets no token by the grant %j, but %s', async (grant_type, error) => {
    const answer = await setting.exchange(await setting.client(), { grant_type });
    expect(answer).toMatchObject({ status: 400, error, error_id: expect.stringMatching(/^req_/) });
  });

  it('is told so for each grant type that it is not registered for, and uses nothing up', async () => {
    const client = await setting.client({ grantTypes: ['authorization_code'] });
    const refused = { status: 400, error: 'unauthorized_client' };
    expect(await setting.refresh(client, 'x')).toMatchObject(refused);
    const tokens = await setting.tokens(client, person, { browser });
    expect(tokens).toMatchObject({ status: 200 });
    expect(tokens.refresh_token).toBeUndefined();
    const machine = await setting.client({ grantTypes: ['client_credentials'], redirectUris: [] });
    expect(await setting.exchange(machine, { grant_type: 'authorization_code', code: 'x' })).toMatchObject(
      refused,
    );
  });
});

describe('a resource', () => {
  it('is the API’s URL however it is written, and the token is for the one that the API has', async () => {
    const client = await setting.client({
      grantTypes: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    });
    for (const resource of [`${apiUrl}/`, apiUrl.replace('api', 'API'), `${apiUrl}:443`]) {
      const more = { resource };
      const tokens = await setting.tokens(client, person, { browser, more });
      const next = await setting.refresh(client, tokens.refresh_token, { resource });
      expect([decodeJwt(tokens.access_token).aud, decodeJwt(next.access_token).aud]).toEqual([
        apiUrl,
        apiUrl,
      ]);

      const parameters = Object.fromEntries(setting.authorizeUrl(client, more).searchParams);
      const pushed = await setting.post('/oauth/par', client, parameters);
      expect(pushed.status).toBe(201);
      const device = await setting.post('/oauth/device_authorization', client, {
        scope: 'devices:read',
        resource,
      });
      expect(device.status).toBe(200);
    }
  });

  it('that is not the API is refused', async () => {
    const client = await setting.client();
    const callback = await authorize(
      setting.authorizeUrl(client, { resource: 'https://other.example' }),
      person,
      {
        browser,
      },
    );
    expect(callback.searchParams.get('error')).toBe('invalid_target');
    const named = await setting.tokens(client, person, { browser, more: { resource: apiUrl } });
    expect(decodeJwt(named.access_token).aud).toBe(apiUrl);
  });
});

async function standingOf(accessToken: string) {
  const { grant_id, jti } = decodeJwt(accessToken);
  return findAccessTokenCredential(db, String(grant_id), String(jti));
}

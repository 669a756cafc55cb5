import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { SignJWT, UnsecuredJWT } from 'jose';
import { inTheFuture } from '../support/clock.ts';
import { authorize, openBrowser } from '../support/sign-in.ts';
import { createSetting, redirectUri, type TestClient } from './fixtures.ts';

// Pushed authorization requests (RFC 9126), and request objects (RFC 9101), which are not taken.
const fetched: string[] = [];
const setting = await createSetting({
  fetchOutside: async (input) => {
    fetched.push(String(input));
    return new Response(unsigned({}));
  },
});
const { auth, db } = setting;
const client = await setting.client();
const person = await setting.person();
const browser = openBrowser();
await authorize(setting.authorizeUrl(client), person, { browser });

afterEach(() => {
  jest.useRealTimers();
});

const request = { redirect_uri: redirectUri, response_type: 'code', scope: 'devices:read' };
const unsigned = (claims: object) =>
  new UnsecuredJWT({ client_id: client.id, ...request, ...claims })
    .setIssuer(client.id)
    .setAudience(auth.url)
    .setExpirationTime('1 minute')
    .encode();

async function push(who: TestClient, more: Record<string, string> = {}): Promise<string> {
  const pushed = await setting.post('/oauth/par', who, { ...request, ...more });
  const answer = await pushed.json();
  expect([pushed.status, answer]).toEqual([201, { request_uri: expect.any(String), expires_in: 60 }]);
  return answer.request_uri;
}

/** What a signed-in person's browser hears when it is sent to the authorization endpoint. */
async function answerTo(parameters: Record<string, string>) {
  const response = await browser.fetch(`${auth.url}/oauth/authorize?${new URLSearchParams(parameters)}`);
  const page = await response.text();
  const location = response.headers.get('location');
  // Whatever it says, it says it to the registered URI.
  if (location !== null) expect(location).toMatch(redirectUri);
  const told = location === null ? null : new URL(location).searchParams;
  return {
    status: response.status,
    code: told?.get('code') ?? null,
    error: told?.get('error') ?? /<dt>Error<\/dt><dd>([^<]*)/.exec(page)?.[1] ?? null,
    location,
  };
}

describe('a request_uri', () => {
  it('is its own client’s', async () => {
    const other = await setting.client();
    const request_uri = await push(client);
    const answer = await answerTo({ client_id: other.id, request_uri });
    expect(answer).toMatchObject({ code: null, error: 'invalid_request_object' });
    expect((await answerTo({ client_id: client.id, request_uri })).code).not.toBeNull();
  });

  it('is good once', async () => {
    const request_uri = await push(client);
    expect((await answerTo({ client_id: client.id, request_uri })).code).not.toBeNull();
    for (let n = 0; n < 2; n++) {
      const again = await answerTo({ client_id: client.id, request_uri });
      expect(again).toMatchObject({ code: null, error: 'invalid_request_uri' });
    }
  });

  it('is good for a minute', async () => {
    const request_uri = await push(client);
    inTheFuture(61);
    const late = await answerTo({ client_id: client.id, request_uri });
    expect(late).toMatchObject({ code: null, error: 'invalid_request_uri' });
  });

  it('that was never given out is refused', async () => {
    for (const id of ['x', 'x'.repeat(43), '..', '%00', '']) {
      const request_uri = `urn:ietf:params:oauth:request_uri:${id}`;
      const answer = await answerTo({ client_id: client.id, request_uri });
      expect(answer).toMatchObject({ code: null, error: 'invalid_request_uri' });
    }
  });

  it.each([
    'https://app.example.com/request.jwt',
    'http://127.0.0.1:5432/',
    'http://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    'data:text/plain,x',
    'urn:other:x',
    'x',
  ])('that leads elsewhere is refused and not fetched: %s', async (request_uri) => {
    const answer = await answerTo({ client_id: client.id, ...request, request_uri });
    expect(answer).toMatchObject({ code: null, error: 'request_uri_not_supported' });
    const pushed = await setting.post('/oauth/par', client, { ...request, request_uri });
    expect(pushed.status).toBe(400);
    expect(fetched).toEqual([]);
  });

  it('is not overruled by what stands beside it', async () => {
    const request_uri = await push(client, { state: 'pushed' });
    const beside = {
      redirect_uri: 'https://evil.example/',
      scope: 'admin',
      state: 'beside',
      response_mode: 'fragment',
    };
    const answer = await answerTo({ client_id: client.id, request_uri, ...beside });
    const callback = new URL(answer.location ?? '');
    expect(callback.href).toMatch(`${redirectUri}?code=`);
    expect(callback.searchParams.get('state')).toBe('pushed');
    const tokens = await setting.exchange(client, {
      grant_type: 'authorization_code',
      code: answer.code ?? '',
      redirect_uri: redirectUri,
    });
    expect(tokens.scope).toBe('devices:read');
  });

  it('is given to a client that proves itself, and to no other', async () => {
    const count = () => db.query('select count(*) from oidc_pushed_authorization_requests');
    const before = await count();
    for (const secret of ['wrong', null]) {
      const pushed = await setting.post('/oauth/par', { ...client, secret }, request);
      expect([pushed.status, await pushed.json()]).toMatchObject([401, { error: 'invalid_client' }]);
    }
    expect(await count()).toEqual(before);
  });
});

describe('a request object', () => {
  it('is refused, signed or not: nothing of it counts', async () => {
    const key = new TextEncoder().encode(client.secret ?? '');
    const signed = await new SignJWT({ client_id: client.id, ...request, scope: 'admin' })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(client.id)
      .setAudience(auth.url)
      .setExpirationTime('1 minute')
      .sign(key);
    for (const object of [
      unsigned({ scope: 'admin' }),
      unsigned({ redirect_uri: 'https://evil.example/' }),
      signed,
    ]) {
      const answer = await answerTo({ client_id: client.id, ...request, request: object });
      expect(answer).toMatchObject({ code: null, error: 'request_not_supported' });
      const pushed = await setting.post('/oauth/par', client, { request: object });
      expect([pushed.status, await pushed.json()]).toMatchObject([400, { error: 'request_not_supported' }]);
    }
  });

  it('is not offered by discovery', async () => {
    const found = await (await fetch(`${auth.url}/.well-known/openid-configuration`)).json();
    expect(found.request_parameter_supported).not.toBe(true);
    expect(found.request_uri_parameter_supported).toBe(false);
  });
});

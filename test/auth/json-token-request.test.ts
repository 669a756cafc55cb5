import { expect, it } from '@jest/globals';
import { authorize } from '../support/sign-in.ts';
import { createSetting, product, redirectUri } from './fixtures.ts';

// A product that declares it takes token requests as JSON; the others answer as RFC 6749 has it.
const declared = { ...product, oauth: { ...product.oauth, jsonTokenRequests: true } };
const setting = await createSetting({ product: declared });
const plain = await createSetting();

function postJson(url: string, body: string): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
}

async function codeRequest(at: typeof setting): Promise<Record<string, string>> {
  const client = await at.client();
  const callback = await authorize(at.authorizeUrl(client), await at.person());
  return {
    grant_type: 'authorization_code',
    client_id: client.id,
    client_secret: client.secret ?? '',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
  };
}

it('a code and a refresh token are exchanged by JSON, and by a form as well', async () => {
  const request = await codeRequest(setting);
  const exchanged = await postJson(`${setting.auth.url}/oauth/token`, JSON.stringify(request));
  const tokens = await exchanged.json();
  expect([exchanged.status, tokens.scope]).toEqual([200, 'devices:read']);
  const { client_id = '', client_secret = '' } = request;
  const refresh = {
    grant_type: 'refresh_token',
    client_id,
    client_secret,
    refresh_token: tokens.refresh_token,
  };
  const refreshed = await postJson(
    `${setting.auth.url}/oauth/token`,
    JSON.stringify({ ...refresh, scope: 'devices:read+devices:read' }),
  );
  expect(refreshed.status).toBe(200);
  const form = new URLSearchParams({ ...refresh, refresh_token: (await refreshed.json()).refresh_token });
  const again = await fetch(`${setting.auth.url}/oauth/token`, { method: 'POST', body: form });
  expect(again.status).toBe(200);
});

it.each([
  ['{', 'not valid JSON'],
  ['[]', 'JSON object'],
  ['null', 'JSON object'],
  ['{"grant_type": 1}', 'JSON object'],
  ['{"grant_type": {"a": "b"}}', 'JSON object'],
  ['{"grant_type": "refresh_token", "client_id": "a\\u0000b"}', 'NUL'],
])('%s is refused with 400, and says why', async (body, reason) => {
  const response = await postJson(`${setting.auth.url}/oauth/token`, body);
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    error: 'invalid_request',
    error_description: expect.stringContaining(reason),
    error_id: response.headers.get('x-request-id'),
  });
});

it('other endpoints, and other products, take forms alone', async () => {
  const request = JSON.stringify(await codeRequest(plain));
  expect((await postJson(`${plain.auth.url}/oauth/token`, request)).status).toBe(400);
  const revoke = await postJson(`${setting.auth.url}/oauth/revoke`, '{"token":"x"}');
  expect(revoke.status).toBe(400);
});

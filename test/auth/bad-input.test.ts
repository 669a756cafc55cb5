import { describe, expect, it } from '@jest/globals';
import { openBrowser, readForm } from '../support/sign-in.ts';
import { createSetting } from './fixtures.ts';

// What a good request has, with something bad in it; bad requests are in bad-requests.test.ts.
const setting = await createSetting();
const { auth } = setting;
const client = await setting.client();
const formType = 'application/x-www-form-urlencoded';

const texts = [
  '%00',
  'a%00b',
  '%C3%28',
  '%',
  '%zz',
  '%ED%A0%80',
  '%F0%9F%92%A9',
  `${'a'.repeat(5_000)}`,
  '__proto__',
  '%0d%0aX:1',
];

describe('a parameter of the authorization endpoint', () => {
  const names = [
    'client_id',
    'redirect_uri',
    'scope',
    'state',
    'response_type',
    'response_mode',
    'login_hint',
  ];
  const more = [
    'nonce',
    'prompt',
    'max_age',
    'code_challenge',
    'code_challenge_method',
    'resource',
    'request',
  ];
  const rest = ['request_uri', 'id_token_hint', 'ui_locales', 'acr_values', 'claims', 'x%00'];

  it.each([...names, ...more, ...rest])('%s is never an error of ours', async (name) => {
    for (const text of texts) {
      const base = setting.authorizeUrl(client);
      base.searchParams.delete(name);
      for (const query of [
        `${base.search}&${name}=${text}`,
        `${base.search}&${name}=x&${name}=${text}`,
        `?${name}=${text}`,
      ]) {
        const response = await fetch(`${auth.url}/oauth/authorize${query}`, { redirect: 'manual' });
        expect([response.status < 500, query]).toEqual([true, query]);
        const location = response.headers.get('location') ?? '';
        expect(location).not.toContain('server_error');
        if (text.includes('%00')) expect([response.status, location]).toEqual([400, '']);
      }
    }
  });
});

describe('a field of a form', () => {
  it.each(['token', 'revoke', 'introspect', 'par', 'userinfo'])(
    'to /oauth/%s is never an error of ours',
    async (path) => {
      const fields = [
        'client_id',
        'client_secret',
        'grant_type',
        'code',
        'redirect_uri',
        'refresh_token',
        'scope',
      ];
      for (const name of [
        ...fields,
        'token',
        'token_type_hint',
        'code_verifier',
        'resource',
        'access_token',
        'x',
      ]) {
        for (const text of texts) {
          const known = `client_id=${client.id}&client_secret=${client.secret}&grant_type=refresh_token&token=x&refresh_token=x`;
          for (const body of [`${known}&${name}=${text}`, `${name}=${text}`]) {
            const headers = { 'content-type': formType };
            const response = await fetch(`${auth.url}/oauth/${path}`, { method: 'POST', headers, body });
            expect([response.status < 500, body]).toEqual([true, body]);
            const answer = await response.text();
            expect(answer === '' || JSON.parse(answer)).toBeTruthy();
          }
        }
      }
    },
  );

  it('of the sign-in or the consent is never an error of ours', async () => {
    const browser = openBrowser();
    const first = await browser.fetch(setting.authorizeUrl(client));
    const url = new URL(first.headers.get('location') ?? '', auth.url);
    const action = readForm(await (await browser.fetch(url)).text())?.action ?? '';
    for (const path of [action, action.replace('sign-in', 'consent'), action.replace('sign-in', 'nothing')]) {
      for (const body of [
        'email=%00&password=x',
        'email=a&password=%00',
        '%',
        '',
        'organization=%00',
        'email=a&email=b',
      ]) {
        for (const type of [
          formType,
          'application/json',
          'multipart/form-data',
          'text/plain',
          `${formType}; charset=x`,
        ]) {
          const headers = { 'content-type': type };
          const response = await browser.fetch(new URL(path, auth.url), { method: 'POST', headers, body });
          expect([response.status < 500, path, body, type]).toEqual([true, path, body, type]);
        }
      }
    }
    for (const query of [
      '?organization=%00',
      '?organization=a&organization=b',
      '?choose=%',
      '?choose[a]=b',
    ]) {
      expect((await browser.fetch(url.href + query)).status).toBe(200);
    }
  });
});

describe('a body', () => {
  it.each([
    ['application/json', '{"grant_type": "refresh_token"}'],
    ['application/json', '{'],
    ['text/plain', 'grant_type=refresh_token'],
    ['multipart/form-data; boundary=x', '--x--'],
    ['nonsense', 'x'],
    [`${formType}; charset=utf-16`, 'grant_type=refresh_token'],
    [formType, 'a'.repeat(60_000)],
    [formType, 'a&'.repeat(20_000)],
    [formType, ''],
  ])('of type %s is refused in OAuth’s words', async (type, body) => {
    for (const path of ['token', 'revoke', 'introspect', 'par']) {
      const response = await fetch(`${auth.url}/oauth/${path}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      expect([400, 401, 413]).toContain(response.status);
      expect(await response.json()).toMatchObject({
        error: expect.any(String),
        error_description: expect.any(String),
      });
    }
  });

  it('that is compressed is refused', async () => {
    const compressed = await fetch(`${auth.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': formType, 'content-encoding': 'gzip' },
      body: 'x',
    });
    expect(compressed.status).toBe(415);
  });

  it('with a NUL says so', async () => {
    const response = await fetch(`${auth.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': formType },
      body: 'grant_type=refresh_token&refresh_token=%00',
    });
    expect([response.status, await response.json()]).toEqual([
      400,
      {
        error: 'invalid_request',
        error_description: 'The request contains a NUL character',
        error_id: response.headers.get('X-Request-Id'),
      },
    ]);
  });
});

describe('a credential in a header', () => {
  it.each([
    'Basic',
    'Basic !!!',
    'Basic Og==',
    `Basic ${Buffer.from('\0:\0').toString('base64')}`,
    `Basic ${Buffer.from('%00:%00').toString('base64')}`,
    `Basic ${Buffer.from('%:%').toString('base64')}`,
    'Bearer x',
    'Digest username="x"',
  ])('%s is refused', async (authorization) => {
    for (const path of ['token', 'revoke', 'introspect', 'par', 'userinfo']) {
      const response = await fetch(`${auth.url}/oauth/${path}`, {
        method: 'POST',
        headers: { authorization, 'content-type': formType },
        body: 'grant_type=refresh_token&refresh_token=x&token=x',
      });
      expect([400, 401]).toContain(response.status);
    }
  });
});

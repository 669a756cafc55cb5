import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { openBrowser, readForm } from '../support/sign-in.ts';
import { createSetting, redirectUri } from './fixtures.ts';

const setting = await createSetting();
const { auth } = setting;
const client = await setting.client();
const formType = 'application/x-www-form-urlencoded';

/**
 * Sends bytes as they are, which fetch would not, and returns what comes until the server hangs up; with `cut`, the
 * sender hangs up first.
 */
function sendRaw(text: string, { cut = false } = {}): Promise<string> {
  return new Promise((done, fail) => {
    const socket = connect(Number(new URL(auth.url).port), '127.0.0.1', () => {
      if (cut) socket.end(text);
      else socket.write(text);
    });
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('end', () => done(answer)).on('error', fail);
  });
}

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

  it('that is compressed or cut short is refused', async () => {
    const compressed = await fetch(`${auth.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': formType, 'content-encoding': 'gzip' },
      body: 'x',
    });
    expect(compressed.status).toBe(415);
    const headers = `POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: ${formType}\r\nContent-Length: 9`;
    expect(await sendRaw(`${headers}\r\n\r\na`, { cut: true })).not.toMatch(/^HTTP\/1\.1 [25]/);
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

describe('a route', () => {
  it.each([
    '/',
    '/oauth',
    '/oauth/revoke/x',
    '/oauth/clients',
    '/assets/x.css',
    '/.well-known/x',
    '/%00',
    '/oauth/token/x',
  ])('%s is not there', async (path) => {
    const response = await fetch(auth.url + path);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: 'not_found' });
    const page = await fetch(auth.url + path, { headers: { accept: 'text/html' } });
    expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
  });

  it.each([
    ['GET', '/oauth/token', 'POST, OPTIONS'],
    ['DELETE', '/oauth/revoke', 'POST, OPTIONS'],
    ['POST', '/oauth/authorize', 'GET, HEAD'],
    ['PUT', '/.well-known/openid-configuration', 'GET, HEAD, OPTIONS'],
    ['GET', '/interaction/x/sign-in', 'POST'],
    ['POST', '/interaction/x', 'GET, HEAD'],
  ])('has no %s %s, and lists what it has', async (method, path, allow) => {
    const response = await fetch(auth.url + path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
  });

  it.each([
    '/interaction/x',
    '/interaction/%00',
    '/interaction/%ff',
    '/oauth/authorize/x',
    '/oauth/authorize/%00',
    '/oauth/authorize/%',
  ])('%s without its cookie is a page', async (path) => {
    const response = await fetch(auth.url + path);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      400,
      'text/html; charset=utf-8',
    ]);
  });
});

describe('a request', () => {
  const query = setting.authorizeUrl(client).search;

  it.each([
    [
      'a foreign host',
      `GET /.well-known/openid-configuration HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
    ],
    [
      'an absolute form',
      `GET http://evil.example/.well-known/openid-configuration HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
    ],
    [
      'a foreign host for the flow',
      `GET /oauth/authorize${query} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n`,
    ],
  ])('with %s gets no foreign URL', async (_name, text) => {
    const answer = await sendRaw(text);
    expect(answer).toMatch(/^HTTP\/1\.1 (200|303)/);
    expect(answer).not.toContain('evil.example');
  });

  it.each([
    'GET / HTTP/9.9\r\n\r\n',
    'nonsense\r\n\r\n',
    `GET /?${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    'GET /oauth/authorize HTTP/1.1\r\nConnection: close\r\n\r\n',
  ])('that is not HTTP is no error of ours: %j', async (text) => {
    expect(await sendRaw(text)).not.toMatch(/^HTTP\/1\.1 5/);
  });

  it('after a bad one is served on the same connection', async () => {
    const one = `POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: ${formType}\r\nContent-Length: 3\r\n\r\na=b`;
    const answers = await sendRaw(`${one}${one}GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
      '400',
      '400',
      '200',
    ]);
  });

  it('of a browser’s client in another origin gets CORS for public clients alone', async () => {
    const open = await setting.client({
      type: 'public',
      redirectUris: ['https://app.example.com/callback', redirectUri],
    });
    for (const [who, origin, allowed] of [
      [open, 'https://app.example.com', 'https://app.example.com'],
      [open, 'https://evil.example', null],
      [client, 'http://127.0.0.1:8910', null],
    ] as const) {
      const response = await fetch(`${auth.url}/oauth/token`, {
        method: 'POST',
        headers: { origin },
        body: new URLSearchParams({ client_id: who.id, grant_type: 'refresh_token', refresh_token: 'x' }),
      });
      expect([response.status < 500, response.headers.get('access-control-allow-origin')]).toEqual([
        true,
        allowed,
      ]);
    }
  });
});

describe('the health route', () => {
  it('answers while PostgreSQL does', async () => {
    const response = await fetch(`${auth.url}/health`);
    expect([response.status, await response.json()]).toMatchObject([200, { status: 'healthy' }]);
  });
});

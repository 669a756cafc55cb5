import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { createSetting, redirectUri } from './fixtures.ts';

// Paths and methods that are not there, other hosts and origins, and what is no HTTP.
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

  it('whose body is cut short is refused', async () => {
    const headers = `POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: ${formType}\r\nContent-Length: 9`;
    expect(await sendRaw(`${headers}\r\n\r\na`, { cut: true })).not.toMatch(/^HTTP\/1\.1 [25]/);
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

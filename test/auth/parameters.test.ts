import { describe, expect, it } from '@jest/globals';
import { authorize, openBrowser } from '../support/sign-in.ts';
import { createSetting, redirectUri } from './fixtures.ts';

// How parameters are read that are unknown, empty, there twice, or that contradict one another (OAuth 2.1 §3.1, §3.2, §2.4).
const setting = await createSetting();
const { auth } = setting;
const client = await setting.client();
const other = await setting.client();
const person = await setting.person();
const browser = openBrowser();

async function code(parameters: Record<string, string> = {}): Promise<string> {
  const callback = await authorize(setting.authorizeUrl(client, parameters), person, { browser });
  return callback.searchParams.get('code') ?? `no code: ${callback}`;
}

async function post(path: string, fields: [string, string][], headers: Record<string, string> = {}) {
  const body = new URLSearchParams(fields);
  const response = await fetch(`${auth.url}/oauth/${path}`, { method: 'POST', body, headers });
  return { status: response.status, headers: response.headers, ...(await response.json()) };
}

const credentials: [string, string][] = [
  ['client_id', client.id],
  ['client_secret', client.secret ?? ''],
];
const exchange = (value: string): [string, string][] => [
  ['grant_type', 'authorization_code'],
  ['code', value],
  ['redirect_uri', redirectUri],
];
const basic = ({ id, secret } = client) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

describe('a parameter', () => {
  it('that is unknown, or empty, is left aside', async () => {
    const value = await code({ unknown: 'x', state: '', nonce: '', code_challenge: '' });
    const answer = await post('token', [...exchange(value), ...credentials, ['unknown', 'x'], ['scope', '']]);
    expect(answer).toMatchObject({ status: 200, scope: 'devices:read' });
  });

  it.each(['client_id', 'response_type', 'scope', 'state', 'code_challenge', 'prompt', 'response_mode'])(
    'of an authorization request is there once: %s',
    async (name) => {
      const url = setting.authorizeUrl(client, { [name]: name === 'client_id' ? client.id : 'x' });
      url.searchParams.append(name, 'y');
      const response = await browser.fetch(url);
      const location = response.headers.get('location');
      const said = location ? new URL(location).searchParams.get('error') : await response.text();
      expect(said).toContain('invalid_request');
    },
  );

  it.each(['grant_type', 'code', 'redirect_uri', 'client_id', 'client_secret', 'code_verifier'])(
    'of a token request is there once: %s',
    async (name) => {
      const value = await code();
      const fields = [...exchange(value), ...credentials];
      const twice: [string, string][] = [...fields, [name, 'x'], [name, 'x']];
      expect(await post('token', twice)).toMatchObject({ status: 400, error: 'invalid_request' });
      expect(await post('token', fields)).toMatchObject({ status: 200 });
    },
  );
});

describe('a client', () => {
  it.each([
    ['by header and form', [['client_secret', client.secret ?? '']]],
    ['by header and as another by form', [['client_id', other.id]]],
    [
      'by header and as another with its secret',
      [
        ['client_id', other.id],
        ['client_secret', other.secret ?? ''],
      ],
    ],
  ] satisfies [string, [string, string][]][])(
    'proves itself one way alone, and not %s',
    async (_how, more) => {
      const value = await code();
      const answer = await post('token', [...exchange(value), ...more], basic());
      expect([400, 401]).toContain(answer.status);
      expect(answer.error).toMatch(/^invalid_(request|client)$/);
      expect(await post('token', exchange(value), basic())).toMatchObject({ status: 200 });
    },
  );

  it.each(['token', 'revoke', 'introspect', 'par', 'device_authorization'])(
    'proves itself at %s',
    async (path) => {
      for (const secret of ['wrong', '']) {
        const fields: [string, string][] = [
          ['client_id', client.id],
          ['client_secret', secret],
          ['grant_type', 'client_credentials'],
          ['token', 'x'],
        ];
        expect(await post(path, fields)).toMatchObject({ status: 401, error: 'invalid_client' });
      }
    },
  );
});

it('an answer of the token endpoint is kept by no cache, and its errors are plain ASCII', async () => {
  const value = await code();
  for (const fields of [
    [...exchange(value), ...credentials],
    [...exchange(value), ...credentials],
    exchange('ü"\\'),
    [['grant_type', 'ü"\\'], ...credentials] satisfies [string, string][],
  ]) {
    const { headers, error, error_description } = await post('token', fields);
    expect(headers.get('cache-control')).toBe('no-store');
    for (const text of [error, error_description].filter((each) => each !== undefined)) {
      expect(text).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
    }
  }
});

import { expect, it } from '@jest/globals';
import type { Client } from '#store';
import { authorize, openBrowser, readForm, submit } from '../support/sign-in.ts';
import { challenge, createSetting, password, redirectUri } from './fixtures.ts';

const setting = await createSetting();
const { db } = setting;

/** Every row of every table, as text. */
async function dump(): Promise<string> {
  const tables = await db.query<{ name: string }>(
    `select quote_ident(table_name) as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const rows = await Promise.all(
    tables.map(({ name }) => db.query<{ row: string }>(`select t::text as row from ${name} t`)),
  );
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n');
}

it('no secret, code, token, cookie or password stands in the database in clear', async () => {
  const client = await setting.client();
  const person = await setting.person();
  const browser = openBrowser();
  const values = new Map<string, string>();

  const waiting = await browser.fetch(setting.authorizeUrl(client));
  values.set(
    'interaction',
    new URL(waiting.headers.get('location') ?? '', setting.auth.url).pathname.slice(13),
  );
  const pushed = await setting.post('/oauth/par', client, {
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'devices:read',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  values.set('pushed request', (await pushed.json()).request_uri.split(':').at(-1));

  const grantTypes: Client['grantTypes'] = ['urn:ietf:params:oauth:grant-type:device_code'];
  const device = await setting.client({ redirectUris: [], grantTypes });
  const started = await setting.post('/oauth/device_authorization', device, { scope: 'devices:read' });
  const { device_code, user_code } = await started.json();
  values.set('device code', device_code);
  const confirm = await browser.fetch(`${setting.auth.url}/oauth/device`);
  const fields = readForm(await confirm.text())?.fields.filter(([name]) => name === 'xsrf') ?? [];
  const confirmed: [string, string][] = [...fields, ['user_code', user_code], ['confirm', 'yes']];
  expect((await submit(browser, `${setting.auth.url}/oauth/device`, confirmed)).status).toBe(303);

  const tokens = await setting.tokens(client, person, { browser });
  const opaque = await setting.tokens(client, person, { browser, scope: 'openid email' });
  const callback = await authorize(setting.authorizeUrl(client), person, { browser });
  values.set('code', callback.searchParams.get('code') ?? '');
  values.set('access token', tokens.access_token);
  values.set('opaque access token', opaque.access_token);
  values.set('used refresh token', tokens.refresh_token);
  values.set('refresh token', (await setting.refresh(client, tokens.refresh_token)).refresh_token);
  values.set('client secret', client.secret ?? '');
  values.set('password', password);
  const [session = ''] = browser
    .cookiesFor(setting.auth.url)
    .filter((pair) => /^keystile_session=/.test(pair));
  values.set('session', session.split('=')[1] ?? '');
  // An interaction of a browser that is signed in knows its session.
  await browser.fetch(setting.authorizeUrl(client, { prompt: 'consent' }));

  const text = await dump();
  expect(text).toContain(client.id);
  expect(text).toContain('devices:read');
  for (const [name, value] of values) {
    expect([name, value.length > 20]).toEqual([name, true]);
    expect([name, text.includes(value)]).toEqual([name, false]);
    const hex = Buffer.from(value).toString('hex');
    expect([name, text.includes(hex)]).toEqual([name, false]);
  }

  const [key] = await db.query<{ public_jwk: { x: string } }>('select public_jwk from signing_keys');
  expect(text).toContain(key?.public_jwk.x);
  expect(text).not.toMatch(/"d": ?"/);
});

it('each is too long to be guessed', async () => {
  const seen = new Set<string>();
  for (let n = 0; n < 2; n++) {
    const client = await setting.client();
    const person = await setting.person();
    const browser = openBrowser();
    const tokens = await setting.tokens(client, person, { browser });
    const opaque = await setting.tokens(client, person, { browser, scope: 'openid' });
    const callback = await authorize(setting.authorizeUrl(client), person, { browser });
    const session = browser.cookiesFor(setting.auth.url).find((pair) => /^keystile_session=/.test(pair));
    const values = {
      code: callback.searchParams.get('code') ?? '',
      'refresh token': tokens.refresh_token,
      'opaque access token': opaque.access_token,
      'client secret': client.secret ?? '',
      session: session?.split('=')[1] ?? '',
    };
    for (const [name, value] of Object.entries(values)) {
      // 43 characters of 64: 258 bits.
      expect([name, value]).toEqual([name, expect.stringMatching(/^[\w-]{43}$/)]);
      seen.add(value);
    }
  }
  expect(seen.size).toBe(10);
});

import { createServer } from 'node:http';
import { afterAll, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { outsideFetch } from '#http';
import { openBrowser, readForm, submit } from '../support/sign-in.ts';
import { createSetting, type Setting } from './fixtures.ts';

// Apps that a person is signed in to hear of the sign-out (OpenID Connect Back-Channel Logout 1.0).
const open = await createSetting({ fetchOutside: outsideFetch({ mayReach: () => true }) });
const guarded = await createSetting();

const received: { path: string; body: URLSearchParams }[] = [];
const receiver = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    received.push({ path: request.url ?? '', body: new URLSearchParams(body) });
    response.end();
  });
});
await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
afterAll(() => {
  receiver.close().closeAllConnections();
});
const address = receiver.address();
const at = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;

/** Signs a person in to two clients of one browser, and out again; what the first of them got. */
async function signOut(setting: Setting, uris: [string, string]) {
  const person = await setting.person();
  const browser = openBrowser();
  const signedIn = [];
  for (const backchannelLogoutUri of uris) {
    const client = await setting.client({ backchannelLogoutUri });
    const tokens = await setting.tokens(client, person, { browser, scope: 'openid devices:read' });
    signedIn.push({ client, tokens });
  }
  const page = await browser.fetch(`${setting.auth.url}/oauth/logout`);
  const form = readForm(await page.text());
  const action = new URL(form?.action ?? '', setting.auth.url);
  const done = await submit(browser, action, [...(form?.fields ?? []), ['logout', 'yes']]);
  expect(done.status).toBe(303);
  return { person, signedIn };
}

it('each app is told by a token of ours which session has ended', async () => {
  const { person, signedIn } = await signOut(open, [`${at}/one`, `${at}/two`]);
  const keys = createRemoteJWKSet(new URL(`${open.auth.url}/oauth/jwks`));
  for (const [path, which] of [
    ['/one', 0],
    ['/two', 1],
  ] as const) {
    const told = received.find((each) => each.path === path);
    const app = signedIn[which];
    const { payload } = await jwtVerify(told?.body.get('logout_token') ?? '', keys, {
      issuer: open.auth.url,
      audience: app?.client.id ?? '',
      typ: 'logout+jwt',
    });
    expect(payload).toMatchObject({
      sub: person.id,
      sid: decodeJwt(app?.tokens.id_token ?? '').sid,
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      jti: expect.any(String),
    });
    expect(payload).not.toHaveProperty('nonce');
  }
});

it('an app in our own network is not called, and one that is away holds nothing up', async () => {
  received.length = 0;
  await signOut(guarded, [`${at}/inside`, 'http://127.0.0.1:1/away']);
  await signOut(open, ['http://127.0.0.1:1/away', `${at}/after`]);
  expect(received.map(({ path }) => path)).toEqual(['/after']);
});

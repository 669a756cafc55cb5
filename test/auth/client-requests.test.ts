import { describe, expect, it } from '@jest/globals';
import { upsertConsent } from '#store';
import { authorize, openBrowser, textOf } from '../support/sign-in.ts';
import { createSetting, redirectUri, type TestClient } from './fixtures.ts';

// How a client has to ask for a code, where it is registered for less than all.
const setting = await createSetting();
const { auth } = setting;
const person = await setting.person();
const signedIn = openBrowser();
await authorize(setting.authorizeUrl(await setting.client()), person, { browser: signedIn });

/** A client that the person has let in. */
async function connected(options: Parameters<typeof setting.client>[0]) {
  const client = await setting.client(options);
  const pair = { userId: person.id, clientId: client.id, organizationId: setting.organizationId };
  await upsertConsent(setting.db, { ...pair, scopes: ['devices:read'], declinedScopes: [] });
  return client;
}

async function ask(client: TestClient, parameters: Record<string, string>, browser = signedIn) {
  const response = await browser.fetch(setting.authorizeUrl(client, parameters));
  const html = await response.text();
  return { status: response.status, location: response.headers.get('location'), html, text: textOf(html) };
}

const push = (client: TestClient, more: Record<string, string> = {}) =>
  setting.post('/oauth/par', client, {
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'devices:read',
    ...more,
  });

describe('a client that is registered for some response modes', () => {
  it('gets its code by these', async () => {
    const client = await connected({ responseModes: ['form_post', 'fragment'] });
    const posted = await ask(client, { response_mode: 'form_post' });
    expect([posted.status, posted.html]).toEqual([200, expect.stringMatching(/name="code" value="[\w-]+"/)]);
    expect((await ask(client, { response_mode: 'fragment' })).location).toMatch(`${redirectUri}#code=`);
  });

  it.each([
    ['query', { response_mode: 'query' }],
    ['no mode, which is query', {}],
    ['fragment', { response_mode: 'fragment' }],
    ['fragment in silence', { response_mode: 'fragment', prompt: 'none' }],
  ])('is refused %s on a page, and nothing is sent by it', async (_name, parameters) => {
    const client = await connected({ responseModes: ['form_post'] });
    for (const browser of [signedIn, openBrowser()]) {
      const refused = await ask(client, parameters, browser);
      expect([refused.status, refused.location]).toEqual([400, null]);
      expect(refused.text).toContain('invalid_request');
      expect(refused.html).not.toContain('<form method="post" action="http://127.0.0.1:8910');
    }
  });

  it('hears of no other mistake by a mode that it has not', async () => {
    const client = await connected({ responseModes: ['form_post'] });
    const refused = await ask(client, { response_mode: 'fragment', scope: 'unknown' });
    expect([refused.status, refused.location]).toEqual([400, null]);
    const heard = await ask(client, { response_mode: 'form_post', scope: 'unknown' });
    expect([heard.status, heard.html]).toEqual([400, expect.stringContaining('name="error"')]);
  });

  it('can’t push a request for another one', async () => {
    const client = await connected({ responseModes: ['form_post'] });
    for (const more of [{ response_mode: 'fragment' }, {}]) {
      const refused = await push(client, more);
      expect([refused.status, await refused.json()]).toMatchObject([400, { error: 'invalid_request' }]);
    }
    expect((await push(client, { response_mode: 'form_post' })).status).toBe(201);
  });
});

it.each(['query', 'fragment', 'form_post'])('a client that chose none may use %s', async (response_mode) => {
  const client = await connected({});
  const { location, html } = await ask(client, { response_mode });
  expect(location ?? html).toMatch(/code=|name="code"/);
});

describe('a client that has to push its requests', () => {
  it('gets a code by a pushed one', async () => {
    const client = await connected({ requirePushedAuthorizationRequests: true });
    const pushed = await push(client);
    const { request_uri } = await pushed.json();
    const url = `${auth.url}/oauth/authorize?${new URLSearchParams({ client_id: client.id, request_uri })}`;
    const answer = await signedIn.fetch(url);
    expect(answer.headers.get('location')).toMatch(`${redirectUri}?code=`);
  });

  it.each(['confidential', 'public'] as const)('gets none by another, be it %s', async (type) => {
    const client = await connected({ type, requirePushedAuthorizationRequests: true });
    const told = new URL((await ask(client, {})).location ?? '');
    expect([told.searchParams.get('error'), told.searchParams.has('code')]).toEqual([
      'invalid_request',
      false,
    ]);
    const page = await ask(client, {}, openBrowser());
    expect([page.status, page.location]).toEqual([400, null]);
  });
});

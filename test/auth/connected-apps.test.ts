import { describe, expect, it } from '@jest/globals';
import { findLatestConsent } from '#store';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { entriesOf } from '../support/audit.ts';
import { callAs } from '../support/call.ts';
import { type Browser, openBrowser, submit, textOf } from '../support/sign-in.ts';
import { startApi } from '../support/start-api.ts';
import { createSetting, product } from './fixtures.ts';

// What a person takes from an app on the account's page, and what the app then meets at the API.
const port = await freePort();
const setting = await createSetting({ apiUrl: `http://127.0.0.1:${port}` });
const { db, auth } = setting;
const api = await startApi({ db, product, authUrl: auth.url, port });

/** Lets a new app in, in a browser that stays signed in. */
async function connect(scope: string, role: 'owner' | 'member' = 'member') {
  const [person, client, browser] = [await setting.person(role), await setting.client(), openBrowser()];
  const tokens = await setting.tokens(client, person, { scope, browser });
  const consent = await findLatestConsent(db, person.id, client.id);
  if (!consent) throw new Error('no consent');
  return { person, client, browser, tokens, consent: consent.id };
}

const act = (browser: Browser, name: string, fields: Record<string, string>) =>
  submit(browser, `${auth.url}/account/apps/${name}`, Object.entries(fields));
const page = async (browser: Browser) =>
  textOf(await (await browser.fetch(`${auth.url}/account/apps`)).text());
const status = async (token: string, path: string, method = 'GET') =>
  (await callAs(token, api.url + path, { method, ...(method === 'POST' && { json: { name: 'N' } }) })).status;

describe('a connected app', () => {
  it('is shown with its scopes, its last use, its requests, and what it never used', async () => {
    const { browser, tokens } = await connect(
      'openid devices:read devices:write devices:delete policies:read',
    );
    expect(await page(browser)).toContain('Last use Not used yet Requests in 30 days 0');
    for (const [path, method] of [
      ['/devices', 'GET'],
      ['/devices', 'HEAD'],
      ['/devices', 'POST'],
      // Refused, and so no use of a scope.
      ['/api-keys', 'GET'],
      ['/nothing', 'GET'],
    ] as const) {
      await status(tokens.access_token, path, method);
    }
    await api.requests.flush();
    const text = await page(browser);
    expect(text).toMatch(
      /Fleet Monitor By Acme ?, in Acme Connected .* Last use \w+ \d+, \d{4} Requests in 30 days 5/,
    );
    expect(text).toContain('View device information devices:read Remove');
    expect(text).toContain('Manage devices devices:write Remove');
    expect(text).toContain('Delete devices Sensitive Never used devices:delete Remove');
    expect(text).toContain('View policies Never used policies:read Remove');
    // The scope of the sign-in goes with all.
    expect(text).toContain('Know which account you signed in with openid View');
  });

  it('with the scope above all has used it when only that was enough', async () => {
    const { browser, tokens } = await connect('devices:read admin', 'owner');
    await status(tokens.access_token, '/devices');
    await api.requests.flush();
    expect(await page(browser)).toContain('Full access Sensitive Never used admin');
    await status(tokens.access_token, '/policies');
    await api.requests.flush();
    expect(await page(browser)).toContain('Full access Sensitive admin');
  });

  it('loses one scope at the next request, and keeps the others', async () => {
    const { browser, tokens, client, consent, person } = await connect('devices:read devices:write');
    expect(await status(tokens.access_token, '/devices', 'POST')).toBe(201);
    const dropped = await act(browser, 'drop', { consent, scope: 'devices:write' });
    expect(dropped.headers.get('location')).toBe('/account/apps?done=scopeDropped');
    expect(await status(tokens.access_token, '/devices', 'POST')).toBe(403);
    expect(await status(tokens.access_token, '/devices')).toBe(200);
    expect((await setting.refresh(client, tokens.refresh_token)).scope).toBe('devices:read');
    // It counts as declined: the app is not asked about it again by itself.
    const again = await setting.tokens(client, person, { scope: 'devices:read devices:write', browser });
    expect(again.scope).toBe('devices:read');
    expect((await entriesOf(db, setting.organizationId)).at(-1)).toMatchObject({
      action: 'consent.updated',
      actorType: 'user',
      actorId: person.id,
      targetId: consent,
      before: JSON.stringify({ client_id: client.id, scopes: ['devices:read', 'devices:write'] }),
      after: JSON.stringify({ client_id: client.id, scopes: ['devices:read'] }),
      ipAddress: '127.0.0.1',
    });
  });

  it('sees no address any more when that scope is dropped', async () => {
    const { browser, tokens, consent } = await connect('openid email profile');
    const facts = async () =>
      (
        await fetch(`${auth.url}/oauth/userinfo`, {
          headers: { Authorization: `Bearer ${tokens.access_token}` },
        })
      ).json();
    expect(Object.keys(await facts()).toSorted()).toEqual(['email', 'name', 'sub']);
    await act(browser, 'drop', { consent, scope: 'email' });
    expect(Object.keys(await facts()).toSorted()).toEqual(['name', 'sub']);
  });

  it.each([
    ['disconnecting', 'disconnect', {}],
    ['dropping its last scope', 'drop', { scope: 'devices:read' }],
  ])('ends with %s', async (_what, name, fields) => {
    const { browser, tokens, client, consent } = await connect('devices:read');
    const done = await act(browser, name, { consent, ...fields });
    expect(done.headers.get('location')).toBe('/account/apps?done=appDisconnected');
    expect(await status(tokens.access_token, '/devices')).toBe(401);
    expect(await setting.refresh(client, tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' });
    expect(await page(browser)).toContain('No connected apps');
    expect((await entriesOf(db, setting.organizationId)).at(-1)?.action).toBe('consent.deleted');
    // Once more changes nothing, and is no error.
    const before = (await entriesOf(db, setting.organizationId)).length;
    expect((await act(browser, name, { consent, ...fields })).headers.get('location')).toBe('/account/apps');
    expect(await entriesOf(db, setting.organizationId)).toHaveLength(before);
  });
});

describe('a forged form', () => {
  it('takes nothing from somebody else’s app, nor what it does not have, nor comes from another site', async () => {
    const [mine, theirs] = [await connect('devices:read'), await connect('devices:read')];
    for (const name of ['drop', 'disconnect']) {
      const fields = { consent: theirs.consent, scope: 'devices:read' };
      expect((await act(mine.browser, name, fields)).headers.get('location')).toBe('/account/apps');
      const crossed = await theirs.browser.fetch(`${auth.url}/account/apps/${name}`, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { 'sec-fetch-site': 'cross-site' },
      });
      expect(crossed.status).toBe(403);
      const anonymous = await act(openBrowser(), name, fields);
      expect(anonymous.headers.get('location')).toBe('/sign-in?return_to=%2Faccount%2Fapps');
    }
    await act(theirs.browser, 'drop', { consent: theirs.consent, scope: 'admin' });
    expect(await status(theirs.tokens.access_token, '/devices')).toBe(200);
    expect((await findLatestConsent(db, theirs.person.id, theirs.client.id))?.declinedScopes).toEqual([]);
  });

  it('leaves no change when its audit entry can’t be written', async () => {
    const { browser, tokens, consent, person } = await connect('devices:read');
    await db.query(
      `create or replace function refuse_entry() returns trigger language plpgsql
       as $$ begin raise exception 'no room'; end $$`,
    );
    await db.query(
      `create trigger refuse_entry before insert on audit_entries for each row
       when (new.actor_id = '${person.id}') execute function refuse_entry()`,
    );
    expect((await act(browser, 'disconnect', { consent })).status).toBe(500);
    expect(await status(tokens.access_token, '/devices')).toBe(200);
  });
});

import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { findConsent, insertOrganization } from '#store';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { callAs } from '../support/call.ts';
import { createKey } from '../support/fixtures.ts';
import { authorize, type Browser, openBrowser, readForm, submit, textOf } from '../support/sign-in.ts';
import { startApi } from '../support/start-api.ts';
import { createClient, createSetting, joinOrganization, product, type TestClient } from './fixtures.ts';

// A person who is in several organizations, and lets the same app into each.
const port = await freePort();
const setting = await createSetting({ apiUrl: `http://127.0.0.1:${port}` });
const { db, auth, organizationId: acme } = setting;
const api = await startApi({ db, product, authUrl: auth.url, port });
const admin = await createKey(db, product, acme, ['admin']);
const maker = await insertOrganization(db, { name: 'Northwind', plan: 'enterprise', windows: null });

/** A person in two organizations who has let an app of others into the other one, and then into Acme. */
async function connected() {
  const [person, client, browser] = [await setting.person(), await createClient(db, maker.id), openBrowser()];
  const other = await joinOrganization(db, person, 'Initech', 'owner');
  const allow = async (organization: string) => {
    const { access_token } = await setting.tokens(client, person, {
      browser,
      organization,
      more: { prompt: 'consent' },
    });
    return decodeJwt(access_token).org_id;
  };
  expect([await allow(other), await allow(acme)]).toEqual([other, acme]);
  const ids = { userId: person.id, clientId: client.id };
  const consentIn = async (organizationId: string) =>
    (await findConsent(db, { ...ids, organizationId }))?.id ?? '';
  /** What an authorization comes to that shows no page: the organization of its token, or the error. */
  const silently = async () => {
    const url = setting.authorizeUrl(client, { prompt: 'none' });
    const { searchParams } = await authorize(url, person, { browser });
    return searchParams.get('error') ?? organizationOf(client, searchParams.get('code') ?? '');
  };
  return { person, client, browser, other, allow, consentIn, silently };
}

async function organizationOf(client: TestClient, code: string) {
  const redirect_uri = client.redirectUris[0] ?? '';
  const { access_token } = await setting.exchange(client, {
    grant_type: 'authorization_code',
    code,
    redirect_uri,
  });
  return decodeJwt(access_token).org_id;
}

type Connected = Awaited<ReturnType<typeof connected>>;

const disconnect = ({ browser }: Connected, consent: string) =>
  browser.fetch(`${auth.url}/account/apps/disconnect`, {
    method: 'POST',
    body: new URLSearchParams({ consent }),
  });

/** What ends the app's access to Acme. */
const ends: [string, (at: Connected) => Promise<unknown>][] = [
  [
    'an administrator ends it',
    async ({ consentIn }) =>
      callAs(admin.key, `${api.url}/apps/consents/${await consentIn(acme)}`, { method: 'DELETE' }),
  ],
  [
    'the app is denied',
    ({ client }) =>
      callAs(admin.key, `${api.url}/apps/decisions`, {
        method: 'POST',
        json: { client_id: client.id, decision: 'denied' },
      }),
  ],
  ['the person disconnects it', async (at) => disconnect(at, await at.consentIn(acme))],
  [
    'the person is removed',
    ({ person }) => callAs(admin.key, `${api.url}/users/${person.id}`, { method: 'DELETE' }),
  ],
];

describe('a person with several organizations', () => {
  /** The page that an authorization request ends on. */
  async function follow(browser: Browser, first: string | URL) {
    let url = new URL(first, auth.url);
    let response = await browser.fetch(url);
    for (let to = response.headers.get('location'); to !== null; to = response.headers.get('location')) {
      url = new URL(to, url);
      response = await browser.fetch(url);
    }
    const html = await response.text();
    return { status: response.status, path: url.pathname, html, text: textOf(html) };
  }

  async function choosing() {
    const [person, client, browser] = [await setting.person('member'), await setting.client(), openBrowser()];
    // Whoever makes an organization chooses its name, and adds whom they know the address of.
    const added = await joinOrganization(db, person, 'AAA', 'viewer');
    await submit(browser, `${auth.url}/sign-in`, Object.entries({ ...person }));
    const page = await follow(browser, setting.authorizeUrl(client));
    expect(page.text).toContain('Choose an organization');
    return { browser, client, person, added, ...page };
  }

  it('reads them in the order of joining, and none is chosen for them', async () => {
    const { text, html } = await choosing();
    expect(text).toMatch(/Your organizations Acme member AAA viewer/);
    expect(html).not.toContain('checked');
  });

  it('is told when none was chosen, and goes on with the one that is', async () => {
    const { browser, html, path } = await choosing();
    const fields = readForm(html)?.fields ?? [];
    const missing = await follow(browser, `${path}?${new URLSearchParams(fields)}`);
    expect(missing.status).toBe(422);
    expect(missing.text).toContain('Choose one of your organizations, or cancel.');
    expect(missing.html).not.toContain('checked');
    for (const none of ['', 'org_of_others']) {
      const query = new URLSearchParams([...fields, ['organization', none]]);
      expect((await follow(browser, `${path}?${query}`)).status).toBe(422);
    }
    const query = new URLSearchParams([...fields, ['organization', acme]]);
    expect((await follow(browser, `${path}?${query}`)).text).toContain('Organization Acme');
  });

  it('finds the one of the last decision chosen when changing it', async () => {
    const { browser, client, person, added } = await choosing();
    const more = { prompt: 'consent' };
    await setting.tokens(client, person, { browser, organization: added, more });
    const { path } = await follow(browser, setting.authorizeUrl(client, more));
    const { html } = await follow(browser, `${path}?choose=1`);
    expect(readForm(html)?.fields).toContainEqual(['organization', added]);
  });
});

describe('an app that was let into two organizations', () => {
  it.each(ends)('gets nothing by itself once %s in the last one', async (_how, end) => {
    const at = await connected();
    expect(await at.silently()).toBe(acme);
    await end(at);
    expect(await at.silently()).toBe('consent_required');
    // Whoever says so again lets it into the other one, from then on without a page.
    const tokens = await setting.tokens(at.client, at.person, {
      browser: at.browser,
      organization: at.other,
    });
    expect(decodeJwt(tokens.access_token).org_id).toBe(at.other);
    expect(await at.silently()).toBe(at.other);
  });

  it('goes on by itself in the last one when it loses the other', async () => {
    const at = await connected();
    await disconnect(at, await at.consentIn(at.other));
    expect(await at.silently()).toBe(acme);
  });
});

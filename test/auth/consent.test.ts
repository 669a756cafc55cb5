import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { Role } from '#catalog';
import { deleteMember, findLatestConsent, updateMember } from '#store';
import { authorize, type Browser, openBrowser, readForm, submit, textOf } from '../support/sign-in.ts';
import { createSetting, joinOrganization, type Person, product, type TestClient } from './fixtures.ts';

const setting = await createSetting();
const { db, auth } = setting;

/** Goes as far as the first page that is not the sign-in. */
async function open(
  client: TestClient,
  person: Person,
  parameters: Record<string, string> = {},
  browser = openBrowser(),
) {
  let url = setting.authorizeUrl(client, parameters);
  let response = await browser.fetch(url);
  for (let step = 0; step < 10; step++) {
    const location = response.headers.get('location');
    if (location !== null) {
      url = new URL(location, url);
      if (url.origin !== auth.url) return { url, response, page: '', browser };
      response = await browser.fetch(url);
      continue;
    }
    const page = await response.text();
    const form = readForm(page);
    if (!form?.action.endsWith('/sign-in')) return { url, response, page, browser };
    response = await submit(browser, new URL(form.action, url), [
      ['email', person.email],
      ['password', person.password],
    ]);
  }
  throw new Error('the flow goes round in circles');
}

/** Sends a form and follows to the end: the callback's URL, or the page where it ended. */
async function send(browser: Browser, action: string, fields: [string, string][]) {
  let url = new URL(action, auth.url);
  let response = await submit(browser, url, fields);
  for (
    let location = response.headers.get('location');
    location;
    location = response.headers.get('location')
  ) {
    url = new URL(location, url);
    if (url.origin !== auth.url) return { url, status: 303, page: '' };
    response = await browser.fetch(url);
  }
  return { url, status: response.status, page: await response.text() };
}

async function grantedBy(client: TestClient, callback: URL): Promise<string[]> {
  const tokens = await setting.exchange(client, {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: client.redirectUris[0] ?? '',
  });
  return tokens.scope?.split(' ') ?? [];
}

describe('the scopes of a request', () => {
  it.each([
    ['none', ''],
    ['one that does not exist', 'devices:read devices:fly'],
    ['one that the client is not registered for', 'devices:read devices:write'],
    ['the one above all, which the client is not registered for', 'admin'],
  ])('are refused to the client when they are %s', async (_name, scope) => {
    const client = await setting.client({ scopes: ['devices:read', 'audit:read'] });
    const browser = openBrowser();
    await authorize(setting.authorizeUrl(client), await setting.person(), { browser });
    const response = await browser.fetch(setting.authorizeUrl(client, { scope, state: 's' }));
    const callback = new URL(response.headers.get('location') ?? 'none:');
    expect(callback.href).toMatch(client.redirectUris[0] ?? '');
    expect(Object.fromEntries(callback.searchParams)).toMatchObject({ error: 'invalid_scope', state: 's' });
  });

  it('may name offline_access, which asks for what is given anyway', async () => {
    const tokens = await setting.tokens(await setting.client(), await setting.person(), {
      scope: 'devices:read offline_access',
      more: { prompt: 'consent' },
    });
    expect(tokens).toMatchObject({ scope: 'devices:read', refresh_token: expect.any(String) });
  });
});

describe('the consent page', () => {
  it('says who asks for what, in the catalogue’s words', async () => {
    const client = await setting.client({ name: 'Fleet <Monitor> & "Co"' });
    const { page } = await open(client, await setting.person(), { scope: 'devices:read audit:read' });
    const text = textOf(page);
    expect(text).toContain('Fleet <Monitor> & "Co" wants access to your VaultWares account');
    expect(page).not.toContain('<Monitor>');
    expect(text).toContain(product.scopes['devices:read']);
    expect(text).toContain(product.scopes['audit:read']);
    expect(text).toContain('Acme');
    expect(text).toContain('127.0.0.1:8910');
    expect(text).not.toContain(product.scopes['policies:read']);
    expect(text).toContain('The app has to ask again after a year at the latest.');
  });

  it('marks the scopes that the product calls sensitive, and no other', async () => {
    const scope = 'devices:read devices:delete admin';
    const { page } = await open(await setting.client(), await setting.person(), { scope });
    const text = textOf(page);
    expect(text).toContain('View device information devices:read Delete devices Sensitive devices:delete');
    expect(text).toContain('Full access Sensitive admin');
  });

  it('grants what stays ticked, and the token’s answer tells', async () => {
    const client = await setting.client();
    const person = await setting.person();
    const tokens = await setting.tokens(client, person, {
      scope: 'devices:read devices:write audit:read',
      untick: ['devices:write'],
    });
    expect(tokens.scope).toBe('devices:read audit:read');
    expect(decodeJwt(tokens.access_token).scope).toBe('devices:read audit:read');
    expect((await setting.refresh(client, tokens.refresh_token)).scope).toBe('devices:read audit:read');
  });

  it('asks again when nothing is ticked', async () => {
    const { page, browser } = await open(await setting.client(), await setting.person());
    const form = readForm(page);
    const fields = (form?.fields ?? []).filter(([name]) => name !== 'scope');
    const answer = await send(browser, form?.action ?? '', fields);
    expect(answer.status).toBe(422);
    expect(textOf(answer.page)).toContain('Tick at least one permission');
  });

  it('hands a refusal to the client', async () => {
    const client = await setting.client();
    const person = await setting.person();
    const callback = await authorize(setting.authorizeUrl(client, { state: 's' }), person, { deny: true });
    expect(Object.fromEntries(callback.searchParams)).toMatchObject({ error: 'access_denied', state: 's' });
    expect(await findLatestConsent(db, person.id, client.id)).toBeNull();
  });

  it('is not shown again for what was decided, and is for a new scope', async () => {
    const client = await setting.client();
    const person = await setting.person();
    const first = { scope: 'devices:read devices:write', untick: ['devices:write'] };
    const browser = openBrowser();
    await setting.tokens(client, person, { ...first, browser });

    const again = await open(client, person, { scope: 'devices:read devices:write' }, browser);
    expect(await grantedBy(client, again.url)).toEqual(['devices:read']);

    const wider = await open(client, person, { scope: 'devices:read devices:write audit:read' }, browser);
    const form = readForm(wider.page);
    expect(form?.fields.filter(([name]) => name === 'scope')).toEqual([['scope', 'audit:read']]);
    expect(textOf(wider.page)).toContain('You allowed before View device information');
    const { url } = await send(browser, form?.action ?? '', form?.fields ?? []);
    expect(await grantedBy(client, url)).toEqual(['devices:read', 'audit:read']);
  });

  it('is shown each time for a native app, which another on the same machine can pretend to be', async () => {
    const person = await setting.person();
    const redirectUris = ['http://127.0.0.1/callback'];
    for (const [applicationType, again] of [
      ['native', true],
      ['web', false],
    ] as const) {
      const client = await setting.client({ type: 'public', applicationType, redirectUris });
      const browser = openBrowser();
      await authorize(setting.authorizeUrl(client), person, { browser });
      const second = await open(client, person, {}, browser);
      expect([applicationType, second.page.includes('/consent"')]).toEqual([applicationType, again]);
    }
  });

  it('is shown again when the client asks for it, or when nothing would be granted', async () => {
    const client = await setting.client();
    const person = await setting.person();
    const browser = openBrowser();
    await setting.tokens(client, person, {
      browser,
      scope: 'devices:read devices:write',
      untick: ['devices:write'],
    });
    const nothing = await open(client, person, { scope: 'devices:write' }, browser);
    expect(textOf(nothing.page)).toContain('Manage devices');
    const grants = () => db.query('select count(*)::int from oidc_grants');
    const before = await grants();
    const asked = await open(client, person, { scope: 'devices:read', prompt: 'consent' }, browser);
    expect(await grants()).toEqual(before);
    const form = readForm(asked.page);
    expect(form?.fields).toContainEqual(['scope', 'devices:read']);
  });

  it('takes back what is unticked the second time', async () => {
    const client = await setting.client();
    const person = await setting.person();
    const browser = openBrowser();
    const scope = 'devices:read audit:read';
    const first = await setting.tokens(client, person, { browser, scope });
    await setting.tokens(client, person, {
      browser,
      scope,
      untick: ['audit:read'],
      more: { prompt: 'consent' },
    });
    expect((await setting.refresh(client, first.refresh_token)).scope).toBe('devices:read');
  });

  it('is remembered with an audit entry', async () => {
    const client = await setting.client();
    const person = await setting.person();
    await setting.tokens(client, person);
    const consent = await findLatestConsent(db, person.id, client.id);
    const entries = await db.query(
      `select action, actor_type, actor_id, before, after, ip_address, request_id from audit_entries where target_id = $1 and organization_id = $2`,
      [consent?.id, setting.organizationId],
    );
    const after = { client_id: client.id, scopes: ['devices:read'] };
    expect(entries).toEqual([
      {
        action: 'consent.created',
        actor_type: 'user',
        actor_id: person.id,
        before: null,
        after,
        ip_address: '127.0.0.1',
        request_id: expect.stringMatching(/^req_/),
      },
    ]);
  });

  it('is not remembered when its audit entry can’t be written', async () => {
    const client = await setting.client();
    const person = await setting.person();
    await db.query(
      `create or replace function refuse_entry() returns trigger language plpgsql
       as $$ begin raise exception 'no room'; end $$`,
    );
    await db.query(
      `create trigger refuse_entry before insert on audit_entries for each row
       when (new.actor_id = '${person.id}') execute function refuse_entry()`,
    );
    await expect(setting.tokens(client, person)).rejects.toThrow();
    expect(await findLatestConsent(db, person.id, client.id)).toBeNull();
  });

  it('with prompt=none is an error for the client, when it would be shown', async () => {
    const client = await setting.client();
    const person = await setting.person();
    const browser = openBrowser();
    const ask = async () => (await open(client, person, { prompt: 'none' }, browser)).url.searchParams;
    expect((await ask()).get('error')).toBe('login_required');
    await setting.tokens(await setting.client(), person, { browser });
    expect((await ask()).get('error')).toBe('consent_required');
    await setting.tokens(client, person, { browser });
    expect((await ask()).get('code')).toEqual(expect.any(String));
  });
});

describe('a role', () => {
  it('limits what can be granted, and the page says so', async () => {
    const client = await setting.client();
    const viewer = await setting.person('viewer');
    const scope = 'devices:read devices:write admin';
    const { page, browser } = await open(client, viewer, { scope });
    const form = readForm(page);
    expect(form?.fields.filter(([name]) => name === 'scope')).toEqual([['scope', 'devices:read']]);
    expect(textOf(page)).toMatch(/Manage devices devices:write Your role viewer in Acme doesn’t allow this/);
    const { url } = await send(browser, form?.action ?? '', form?.fields ?? []);
    expect(await grantedBy(client, url)).toEqual(['devices:read']);
  });

  it('that allows nothing of it leaves nothing to allow', async () => {
    const client = await setting.client();
    const { page, browser } = await open(client, await setting.person('viewer'), { scope: 'admin' });
    const form = readForm(page);
    expect(page).not.toContain('>Allow<');
    const forged = await send(browser, form?.action ?? '', [...(form?.fields ?? []), ['scope', 'admin']]);
    expect(forged.status).toBe(422);
    const { url } = await send(browser, form?.action.replace('consent', 'cancel') ?? '', []);
    expect(url.searchParams.get('error')).toBe('access_denied');
  });

  it('that grows is asked about what it now allows', async () => {
    const client = await setting.client();
    const person = await setting.person('viewer');
    const browser = openBrowser();
    const scope = 'devices:read devices:write';
    expect(await setting.tokens(client, person, { browser, scope })).toMatchObject({ scope: 'devices:read' });
    await updateMember(db, {
      organizationId: setting.organizationId,
      userId: person.id,
      role: 'member',
      name: 'Example',
    });
    expect(await setting.tokens(client, person, { browser, scope })).toMatchObject({ scope });
  });
});

describe('a forged consent form', () => {
  it.each<[Role, string[]]>([
    ['viewer', ['devices:read']],
    ['owner', ['devices:read', 'devices:write']],
  ])('gets a %s no more than was asked for and the role allows', async (role, granted) => {
    const client = await setting.client({ scopes: ['devices:read', 'devices:write', 'policies:read'] });
    const { page, browser } = await open(client, await setting.person(role), {
      scope: 'devices:read devices:write',
    });
    const form = readForm(page);
    const all = ['openid', 'email', 'x', ...Object.keys(product.scopes)].map((scope): [string, string] => [
      'scope',
      scope,
    ]);
    const { url } = await send(browser, form?.action ?? '', [...(form?.fields ?? []), ...all]);
    expect(await grantedBy(client, url)).toEqual(granted);
  });

  it('can’t choose an organization of others', async () => {
    const client = await setting.client();
    const stranger = await setting.person();
    const foreign = await joinOrganization(db, stranger, 'Foreign', 'owner');
    const person = await setting.person('viewer');
    const { page, browser } = await open(client, person);
    const form = readForm(page);
    const fields = (form?.fields ?? []).map(([name, value]): [string, string] => [
      name,
      name === 'organization' ? foreign : value,
    ]);
    const answer = await send(browser, form?.action ?? '', fields);
    expect(answer.status).toBe(200);
    expect(textOf(answer.page)).toContain('Acme');
    expect(await findLatestConsent(db, person.id, client.id)).toBeNull();
  });

  it('can’t be sent to another browser’s page', async () => {
    const client = await setting.client();
    const victim = await open(client, await setting.person());
    const attacker = await open(client, await setting.person());
    const form = readForm(victim.page);
    const crossed = await send(attacker.browser, form?.action ?? '', form?.fields ?? []);
    expect(crossed.status).toBe(400);
    expect(textOf(crossed.page)).toContain('expired');
  });
});

describe('an organization', () => {
  it('is chosen by a person who has several, and its role counts', async () => {
    const client = await setting.client();
    const person = await setting.person('viewer');
    const second = await joinOrganization(db, person, 'Northwind', 'owner');
    const { page } = await open(client, person);
    expect(textOf(page)).toContain('Choose an organization');

    const browser = openBrowser();
    const scope = 'devices:read devices:write';
    const there = await setting.tokens(client, person, { browser, scope, organization: second });
    expect(there.scope).toBe(scope);
    expect(decodeJwt(there.access_token).org_id).toBe(second);
    const again = await setting.tokens(client, person, { browser, scope });
    expect(decodeJwt(again.access_token).org_id).toBe(second);

    const more = { prompt: 'consent' };
    const here = await setting.tokens(client, person, {
      browser,
      scope,
      more,
      organization: setting.organizationId,
    });
    expect(here.scope).toBe('devices:read');
    expect(decodeJwt(here.access_token).org_id).toBe(setting.organizationId);
    expect((await setting.refresh(client, there.refresh_token)).scope).toBe(scope);
  });

  it('is missing: the page says what to do', async () => {
    const client = await setting.client();
    const person = await setting.person();
    await deleteMember(db, setting.organizationId, person.id);
    const { page, browser, url } = await open(client, person);
    expect(textOf(page)).toContain('You don’t belong to an organization yet');
    const answer = await send(browser, `${url.pathname}/cancel`, []);
    expect(answer.url.searchParams.get('error')).toBe('access_denied');
  });

  it('that the user left is not remembered', async () => {
    const client = await setting.client();
    const person = await setting.person();
    const second = await joinOrganization(db, person, 'Northwind', 'owner');
    const browser = openBrowser();
    await setting.tokens(client, person, { browser, organization: second });
    await deleteMember(db, second, person.id);
    const { page } = await open(client, person, {}, browser);
    expect(textOf(page)).toContain('Organization Acme');
  });
});

describe('another account', () => {
  it('can be used from the consent page', async () => {
    const client = await setting.client();
    const [first, second] = [await setting.person(), await setting.person()];
    const { page, browser, url } = await open(client, first, { state: 's' });
    expect(textOf(page)).toContain(first.email);
    const switched = await send(browser, `${url.pathname}/switch-account`, []);
    expect(readForm(switched.page)?.action).toMatch(/\/sign-in$/);
    const callback = await authorize(setting.authorizeUrl(client, { state: 's' }), second, { browser });
    expect(callback.searchParams.get('state')).toBe('s');
    expect(await findLatestConsent(db, first.id, client.id)).toBeNull();
    expect(await findLatestConsent(db, second.id, client.id)).not.toBeNull();
  });
});

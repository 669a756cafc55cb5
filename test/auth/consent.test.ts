import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { findLatestConsent } from '#store';
import { authorize, openBrowser, textOf } from '../support/sign-in.ts';
import { createConsentSetting } from './consent-fixtures.ts';
import { product } from './fixtures.ts';

const setting = await createConsentSetting();
const { db, open, send, grantedBy } = setting;

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
    const { html } = await open(client, await setting.person(), { scope: 'devices:read audit:read' });
    const text = textOf(html);
    expect(text).toContain('Fleet <Monitor> & "Co" wants access to your VaultWares account');
    expect(html).not.toContain('<Monitor>');
    expect(text).toContain(product.scopes['devices:read']);
    expect(text).toContain(product.scopes['audit:read']);
    expect(text).toContain('Acme');
    expect(text).toContain('127.0.0.1:8910');
    expect(text).not.toContain(product.scopes['policies:read']);
    expect(text).toContain('The app has to ask again after a year at the latest.');
  });

  it('marks the scopes that the product calls sensitive, and no other', async () => {
    const scope = 'devices:read devices:delete admin';
    const { html } = await open(await setting.client(), await setting.person(), { scope });
    const text = textOf(html);
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
    const { form, browser } = await open(await setting.client(), await setting.person());
    const fields = (form?.fields ?? []).filter(([name]) => name !== 'scope');
    const answer = await send(browser, form?.action ?? '', fields);
    expect(answer.status).toBe(422);
    expect(textOf(answer.html)).toContain('Tick at least one permission');
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
    const { form } = wider;
    expect(form?.fields.filter(([name]) => name === 'scope')).toEqual([['scope', 'audit:read']]);
    expect(textOf(wider.html)).toContain('You allowed before View device information');
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
      expect([applicationType, second.html.includes('/consent"')]).toEqual([applicationType, again]);
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
    expect(textOf(nothing.html)).toContain('Manage devices');
    const grants = () => db.query('select count(*)::int from oidc_grants');
    const before = await grants();
    const asked = await open(client, person, { scope: 'devices:read', prompt: 'consent' }, browser);
    expect(await grants()).toEqual(before);
    const { form } = asked;
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

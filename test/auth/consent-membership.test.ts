import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { Role } from '#catalog';
import { deleteMember, findLatestConsent, updateMember } from '#store';
import { authorize, openBrowser, textOf } from '../support/sign-in.ts';
import { createConsentSetting } from './consent-fixtures.ts';
import { joinOrganization, product } from './fixtures.ts';

// Who consents: in which organization, with which role there, and by no form but one's own.
const setting = await createConsentSetting();
const { db, open, send, grantedBy } = setting;

describe('a role', () => {
  it('limits what can be granted, and the page says so', async () => {
    const client = await setting.client();
    const viewer = await setting.person('viewer');
    const scope = 'devices:read devices:write admin';
    const { form, html, browser } = await open(client, viewer, { scope });
    expect(form?.fields.filter(([name]) => name === 'scope')).toEqual([['scope', 'devices:read']]);
    expect(textOf(html)).toMatch(/Manage devices devices:write Your role viewer in Acme doesn’t allow this/);
    const { url } = await send(browser, form?.action ?? '', form?.fields ?? []);
    expect(await grantedBy(client, url)).toEqual(['devices:read']);
  });

  it('that allows nothing of it leaves nothing to allow', async () => {
    const client = await setting.client();
    const { form, html, browser } = await open(client, await setting.person('viewer'), { scope: 'admin' });
    expect(html).not.toContain('>Allow<');
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
    const { form, browser } = await open(client, await setting.person(role), {
      scope: 'devices:read devices:write',
    });
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
    const { form, browser } = await open(client, person);
    const fields = (form?.fields ?? []).map(([name, value]): [string, string] => [
      name,
      name === 'organization' ? foreign : value,
    ]);
    const answer = await send(browser, form?.action ?? '', fields);
    expect(answer.status).toBe(200);
    expect(textOf(answer.html)).toContain('Acme');
    expect(await findLatestConsent(db, person.id, client.id)).toBeNull();
  });

  it('can’t be sent to another browser’s page', async () => {
    const client = await setting.client();
    const victim = await open(client, await setting.person());
    const attacker = await open(client, await setting.person());
    const { form } = victim;
    const crossed = await send(attacker.browser, form?.action ?? '', form?.fields ?? []);
    expect(crossed.status).toBe(400);
    expect(textOf(crossed.html)).toContain('expired');
  });
});

describe('an organization', () => {
  it('is chosen by a person who has several, and its role counts', async () => {
    const client = await setting.client();
    const person = await setting.person('viewer');
    const second = await joinOrganization(db, person, 'Northwind', 'owner');
    const { html } = await open(client, person);
    expect(textOf(html)).toContain('Choose an organization');

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
    const { html, browser, url } = await open(client, person);
    expect(textOf(html)).toContain('You don’t belong to an organization yet');
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
    const { html } = await open(client, person, {}, browser);
    expect(textOf(html)).toContain('Organization Acme');
  });
});

describe('another account', () => {
  it('can be used from the consent page', async () => {
    const client = await setting.client();
    const [first, second] = [await setting.person(), await setting.person()];
    const { html, browser, url } = await open(client, first, { state: 's' });
    expect(textOf(html)).toContain(first.email);
    const switched = await send(browser, `${url.pathname}/switch-account`, []);
    expect(switched.form?.action).toMatch(/\/sign-in$/);
    const callback = await authorize(setting.authorizeUrl(client, { state: 's' }), second, { browser });
    expect(callback.searchParams.get('state')).toBe('s');
    expect(await findLatestConsent(db, first.id, client.id)).toBeNull();
    expect(await findLatestConsent(db, second.id, client.id)).not.toBeNull();
  });
});

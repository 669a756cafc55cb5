import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as openid from 'openid-client';
import { findLatestConsent } from '#store';
import { launchBrowser } from '../support/browser.ts';
import {
  type Browser,
  credentialsOf,
  follow,
  openBrowser,
  readForm,
  submit,
  textOf,
} from '../support/sign-in.ts';
import { ageSignIns, createSetting, joinOrganization, type TestClient } from './fixtures.ts';

// A device without a browser shows a code, and a person lets it in elsewhere (RFC 8628).
const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
const setting = await createSetting({ userCodeLimit: { failures: 5, seconds: 60 } });
const { db, auth } = setting;
const person = await setting.person('member');
const chromium = await launchBrowser();
const fresh = await createSetting();
const device = () =>
  setting.client({ type: 'public', redirectUris: [], grantTypes: [grantType, 'refresh_token'] });

async function start(client: TestClient, scope = 'devices:read') {
  const response = await setting.post('/oauth/device_authorization', client, { scope });
  return { status: response.status, ...(await response.json()) };
}

const poll = (client: TestClient, device_code: string) =>
  setting.exchange(client, { grant_type: grantType, device_code });

/** Types a code; the page that follows. */
async function type(browser: Browser, userCode: string, at = '/oauth/device') {
  const { html } = await follow(browser, await browser.fetch(auth.url + at));
  const fields = readForm(html)?.fields.filter(([name]) => name !== 'user_code') ?? [];
  const sent = await submit(browser, `${auth.url}/oauth/device`, [...fields, ['user_code', userCode]]);
  return follow(browser, sent);
}

/** Sends the form of a page, with fields of one's own. */
async function send(browser: Browser, html: string, more: [string, string][] = [], action?: string) {
  const form = readForm(html);
  const to = new URL(action ?? form?.action ?? '', auth.url);
  const kept = form?.fields.filter(([name]) => !more.some(([other]) => other === name)) ?? [];
  return follow(browser, await submit(browser, to, [...kept, ...more]));
}

/** A person's whole part up to the consent page. */
async function toConsent(browser: Browser, userCode: string, who = person) {
  const confirm = await type(browser, userCode);
  expect(textOf(confirm.html)).toContain('Is this your device?');
  const login = await send(browser, confirm.html, [['confirm', 'yes']]);
  return login.url.pathname.includes('/interaction/') && login.html.includes('type="password"')
    ? send(browser, login.html, credentialsOf(who), `${readForm(login.html)?.action}`)
    : login;
}

describe('a device', () => {
  it('gets its tokens once a person has let it in, as a library of others reads the standard', async () => {
    const client = await device();
    const config = await openid.discovery(new URL(auth.url), client.id, undefined, openid.None(), {
      execute: [openid.allowInsecureRequests],
    });
    const started = await openid.initiateDeviceAuthorization(config, { scope: 'devices:read devices:write' });
    expect(started).toMatchObject({ verification_uri: `${auth.url}/oauth/device`, expires_in: 600 });
    expect(started.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(await poll(client, started.device_code)).toMatchObject({ error: 'authorization_pending' });

    const browser = openBrowser();
    const consent = await toConsent(browser, started.user_code);
    expect(textOf(consent.html)).toContain('Fleet Monitor wants access');
    const done = await send(browser, consent.html);
    expect(textOf(done.html)).toContain('Your device is connected');

    const tokens = await openid.pollDeviceAuthorizationGrant(config, { ...started, interval: 0.01 });
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      sub: person.id,
      org_id: setting.organizationId,
      scope: 'devices:read devices:write',
    });
    expect(await setting.refresh(client, tokens.refresh_token ?? '')).toMatchObject({ status: 200 });
    expect(await poll(client, started.device_code)).toMatchObject({ error: 'invalid_grant' });
  });

  it('gets only the scopes that were ticked', async () => {
    const client = await device();
    const { user_code, device_code } = await start(client, 'devices:read devices:write');
    const browser = openBrowser();
    const consent = await toConsent(browser, user_code);
    const form = readForm(consent.html);
    const ticked = form?.fields.filter(([, value]) => value !== 'devices:write') ?? [];
    await follow(browser, await submit(browser, new URL(form?.action ?? '', auth.url), ticked));
    expect(await poll(client, device_code)).toMatchObject({ status: 200, scope: 'devices:read' });
  });

  it('gets nothing when the person says no, on either page', async () => {
    const client = await device();
    const [first, second] = [await start(client), await start(client)];
    const browser = openBrowser();
    const confirm = await type(browser, first.user_code);
    const aborted = await send(browser, confirm.html, [['abort', 'yes']]);
    expect(textOf(aborted.html)).toContain('Your device gets no access');
    const consent = await toConsent(browser, second.user_code);
    const cancelled = await send(
      browser,
      consent.html,
      [],
      `${readForm(consent.html)?.action}`.replace(/consent$/, 'cancel'),
    );
    expect(textOf(cancelled.html)).toContain('Your device gets no access');
    for (const { device_code } of [first, second]) {
      expect(await poll(client, device_code)).toMatchObject({ status: 400, error: 'access_denied' });
    }
  });

  it('waits while its person changes to another account', async () => {
    const client = await device();
    const { user_code, device_code } = await start(client);
    const browser = openBrowser();
    const consent = await toConsent(browser, user_code);
    const action = `${readForm(consent.html)?.action}`.replace(/consent$/, 'switch-account');
    const again = await send(browser, consent.html, [], action);
    expect(again.url.href).toBe(`${auth.url}/oauth/device`);
    const other = await setting.person('viewer');
    await send(browser, (await toConsent(browser, user_code, other)).html);
    const { access_token } = await poll(client, device_code);
    expect(decodeJwt(access_token).sub).toBe(other.id);
  });

  it('is let in by nobody whose sign-in has ended while the page was open', async () => {
    const client = await device();
    const member = await setting.person('member');
    const { user_code, device_code } = await start(client);
    const browser = openBrowser();
    const consent = await toConsent(browser, user_code, member);
    await ageSignIns(db, 31 * 86_400);
    const late = await send(browser, consent.html);
    expect(readForm(late.html)?.action).toMatch(/sign-in$/);
    expect(await findLatestConsent(db, member.id, client.id)).toBeNull();
    expect(await poll(client, device_code)).toMatchObject({ error: 'authorization_pending' });
    await send(browser, (await send(browser, late.html, credentialsOf(member))).html);
    expect(await poll(client, device_code)).toMatchObject({ status: 200 });
  });

  it('is let into the organization that the person chose', async () => {
    const client = await device();
    const member = await setting.person('member');
    const elsewhere = await joinOrganization(db, member, 'Other', 'owner');
    const { user_code, device_code } = await start(client);
    const browser = openBrowser();
    const choose = await toConsent(browser, user_code, member);
    expect(textOf(choose.html)).toContain('Choose an organization');
    const consent = await follow(browser, await browser.fetch(`${choose.url}?organization=${elsewhere}`));
    await send(browser, consent.html);
    expect(decodeJwt((await poll(client, device_code)).access_token).org_id).toBe(elsewhere);
  });
});

describe('a user code', () => {
  it('is taken in small letters, and with or without its hyphen and spaces', async () => {
    const client = await device();
    for (const write of [
      (code: string) => code.toLowerCase(),
      (code: string) => code.replace('-', ''),
      (code: string) => ` ${code.replace('-', ' ')} `,
    ]) {
      const { user_code } = await start(client);
      const { html } = await type(openBrowser(), write(user_code));
      expect(textOf(html)).toContain(user_code);
    }
  });

  it('in a link is shown to be confirmed, and confirms nothing by itself', async () => {
    const client = await device();
    const { user_code, verification_uri_complete, device_code } = await start(client);
    expect(verification_uri_complete).toBe(`${auth.url}/oauth/device?user_code=${user_code}`);
    const { html } = await follow(openBrowser(), await fetch(verification_uri_complete));
    expect(readForm(html)?.fields).toContainEqual(['user_code', user_code]);
    expect(html).not.toContain('<script');
    expect(await poll(client, device_code)).toMatchObject({ error: 'authorization_pending' });
  });

  it('is good once, and not without the page’s own token', async () => {
    const client = await device();
    const { user_code, device_code } = await start(client);
    const browser = openBrowser();
    const forge = () =>
      submit(browser, `${auth.url}/oauth/device`, [
        ['user_code', user_code],
        ['confirm', 'yes'],
        ['xsrf', 'guessed'],
      ]);
    expect((await forge()).headers.get('location')).toBe('/oauth/device');
    await browser.fetch(`${auth.url}/oauth/device`);
    expect((await forge()).status).toBe(422);
    await send(browser, (await toConsent(browser, user_code)).html);
    expect(textOf((await type(browser, user_code)).html)).toContain('used already');
    expect(await poll(client, device_code)).toMatchObject({ status: 200 });
  });

  it('can’t be guessed: after a few wrong ones the address has to wait', async () => {
    const { user_code } = await start(await device());
    const statuses = [];
    for (const code of ['BBBB-BBBB', 'CCCC-CCCC', 'DDDD-DDDD', 'FFFF-FFFF', 'GGGG-GGGG', user_code]) {
      statuses.push((await type(openBrowser(), code)).status);
    }
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429]);
  });
});

describe('no device code', () => {
  it('is another client’s, unknown, or the name that our own pages have for one', async () => {
    const [client, other] = [await device(), await device()];
    const { device_code } = await start(client);
    const [row] = await db.query<{ id: string }>(
      'select id from oidc_device_codes order by created_at desc limit 1',
    );
    expect(row?.id).not.toContain(device_code);
    for (const code of ['nothing', `row:${row?.id}`, row?.id ?? '']) {
      expect(await poll(client, code)).toMatchObject({ status: 400, error: 'invalid_grant' });
    }
    expect(await poll(other, device_code)).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await poll(client, device_code)).toMatchObject({ error: 'authorization_pending' });
  });

  it('is given to a client that is not registered for it, or for a scope that it may not have', async () => {
    expect(await start(await setting.client())).toMatchObject({ status: 400, error: 'unauthorized_client' });
    const client = await setting.client({
      type: 'public',
      redirectUris: [],
      grantTypes: [grantType],
      scopes: ['devices:read'],
    });
    for (const scope of ['devices:write', 'devices:fly', 'devices:read devices:write']) {
      expect(await start(client, scope)).toMatchObject({ status: 400, error: 'invalid_scope' });
    }
  });
});

it('its pages are readable by all, in light and dark, small and large, and run no script', async () => {
  const client = await fresh.client({ type: 'public', redirectUris: [], grantTypes: [grantType] });
  const started = await (
    await fresh.post('/oauth/device_authorization', client, { scope: 'devices:read' })
  ).json();
  for (const [width, colorScheme] of [
    [360, 'light'],
    [1280, 'dark'],
  ] as const) {
    const context = await chromium.newContext({ viewport: { width, height: 800 }, colorScheme });
    const page = await context.newPage();
    await page.goto(`${fresh.auth.url}/oauth/device`);
    const check = async () => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id }) => id)).toEqual([]);
      expect(await page.locator('script').count()).toBe(0);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    };
    await check();
    await page.getByLabel('Code').fill('BBBB-BBBB');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('alert').waitFor();
    await check();
    await page.getByLabel('Code').fill(started.user_code);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Is this your device?' }).waitFor();
    await check();
    await context.close();
  }
}, 60_000);

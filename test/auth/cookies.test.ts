import { describe, expect, it } from '@jest/globals';
import { rotateSigningKeys } from '#store';
import { authorize, openBrowser } from '../support/sign-in.ts';
import { startAuth } from '../support/start-auth.ts';
import { createFactorSetting } from './factor-fixtures.ts';
import { apiUrl, product } from './fixtures.ts';

const issuer = 'https://auth.example.com';
const setting = await createFactorSetting({ authUrl: issuer });
const { auth, db, encryptionKey } = setting;

/** A browser on the other side of a proxy with TLS, which notes what cookies it is given. */
function openHttpsBrowser() {
  const proxy = { from: issuer, to: auth.url };
  const browser = openBrowser(proxy);
  const given: string[] = [];
  return {
    ...browser,
    proxy,
    given,
    async fetch(url: string | URL, init?: RequestInit) {
      const response = await browser.fetch(url, init);
      given.push(...response.headers.getSetCookie());
      return response;
    },
    open(path: string) {
      return this.fetch(issuer + path);
    },
    send(path: string, fields: Record<string, string> = {}) {
      return this.fetch(issuer + path, { method: 'POST', body: new URLSearchParams(fields) });
    },
    names: (path = '/') => browser.cookiesFor(issuer + path).map((pair) => pair.split('=')[0]),
  };
}

const authorizationUrl = async () => {
  const { search } = setting.authorizeUrl(await setting.client());
  return `${issuer}/oauth/authorize${search}`;
};

describe('over https', () => {
  it('cookies are for this host alone, and those of one page for https alone', async () => {
    const browser = openHttpsBrowser();
    const callback = await authorize(await authorizationUrl(), await setting.person(), { browser });
    expect(callback.searchParams.get('code')).toEqual(expect.any(String));
    expect(browser.names().sort()).toEqual([
      '__Host-keystile_devices',
      '__Host-keystile_session',
      '__Host-keystile_session.sig',
    ]);
    expect((await browser.open('/account')).status).toBe(200);
    for (const line of browser.given) expect(line).toMatch(/^__(Host|Secure)-keystile_[^;]*(;.*)?; secure/i);
    const names = new Set(browser.given.map((line) => line.split('=')[0]));
    for (const name of ['interaction', 'resume']) expect(names).toContain(`__Secure-keystile_${name}`);
  });

  it('a sign-in with two factors keeps its first half so, and drops it at the end', async () => {
    const browser = openHttpsBrowser();
    const person = await setting.personWithTotp();
    await browser.send('/sign-in', { email: person.email, password: person.password });
    expect(browser.names('/sign-in')).toContain('__Secure-keystile_first_factor');
    await browser.send('/sign-in/second-factor', { way: 'totp', code: await setting.newCode(person) });
    expect(browser.names('/sign-in')).not.toContain('__Secure-keystile_first_factor');
    expect((await browser.open('/account')).status).toBe(200);
  });

  it('a sign-out takes the session from the browser, whatever it says of itself', async () => {
    const browser = openHttpsBrowser();
    const person = await setting.person();
    await browser.send('/sign-in', { email: person.email, password: person.password });
    await browser.send('/sign-out');
    expect(browser.names()).not.toContain('__Host-keystile_session');
    expect((await browser.open('/account')).status).toBe(303);
  });

  it('a cookie that a neighbour could plant, without the prefix, is none', async () => {
    const browser = openHttpsBrowser();
    const person = await setting.person();
    await browser.send('/sign-in', { email: person.email, password: person.password });
    const cookie = browser.cookiesFor(issuer).join('; ');
    const account = (header: string) =>
      fetch(`${auth.url}/account`, { headers: { cookie: header }, redirect: 'manual' });
    expect((await account(cookie)).status).toBe(200);
    expect((await account(cookie.replaceAll('__Host-', ''))).status).toBe(303);
  });

  it('a signature by a former key is renewed on any page, in a way that the browser takes', async () => {
    const browser = openHttpsBrowser();
    const person = await setting.person();
    await browser.send('/sign-in', { email: person.email, password: person.password });
    const signature = () => browser.cookiesFor(issuer).find((pair) => pair.includes('_session.sig='));
    const before = signature();
    await rotateSigningKeys(db, encryptionKey, 0);
    await db.query('update signing_keys set signs_from = now() where signs_from > now()');
    const next = await startAuth({ db, product, apiUrl, encryptionKey, authUrl: issuer });
    browser.proxy.to = next.url;
    expect((await browser.open('/account')).status).toBe(200);
    expect(signature()).not.toBe(before);
  });
});

it('over http, on the own machine, the names have no prefix', async () => {
  const plain = await startAuth({ db, product, apiUrl, encryptionKey });
  const browser = openBrowser();
  const { search } = setting.authorizeUrl(await setting.client());
  await authorize(`${plain.url}/oauth/authorize${search}`, await setting.person(), { browser });
  const names = browser.cookiesFor(plain.url).map((pair) => pair.split('=')[0]);
  expect(names.sort()).toEqual(['keystile_devices', 'keystile_session', 'keystile_session.sig']);
});

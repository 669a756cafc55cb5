import { describe, expect, it } from '@jest/globals';
import { hashPassword } from '#crypto';
import { changePassword } from '#store';
import { type Browser, openBrowser, readForm, submit, textOf } from '../support/sign-in.ts';
import { startAuth } from '../support/start-auth.ts';
import {
  ageSignIns,
  apiUrl,
  createSetting,
  joinOrganization,
  type Person,
  password,
  product,
} from './fixtures.ts';

const setting = await createSetting();
const { auth, db } = setting;
const client = await setting.client();

const post = (browser: Browser, path: string, fields: Record<string, string>, headers = {}) =>
  browser.fetch(auth.url + path, { method: 'POST', body: new URLSearchParams(fields), headers });

const signIn = (browser: Browser, { email, password }: Person, query = '') =>
  post(browser, `/sign-in${query}`, { email, password });

const sessionOf = (browser: Browser) =>
  browser.cookiesFor(auth.url).find((pair) => pair.startsWith('keystile_session='));

const home = (browser: Browser) => browser.fetch(`${auth.url}/account`);

describe('sign-in', () => {
  it('leads to the account, which tells who one is and where one belongs', async () => {
    const person = await setting.person('viewer');
    await joinOrganization(db, person, 'Northwind', 'owner');
    const browser = openBrowser();
    const first = await home(browser);
    expect([first.status, first.headers.get('location')]).toEqual([303, '/sign-in?return_to=%2Faccount']);
    const page = await browser.fetch(`${auth.url}/sign-in?return_to=%2Faccount`);
    const form = readForm(await page.text());
    const done = await submit(browser, new URL(form?.action ?? '', auth.url), [
      ['email', ` ${person.email.toUpperCase()} `],
      ['password', person.password],
    ]);
    expect([done.status, done.headers.get('location')]).toEqual([303, '/account']);
    const account = await home(browser);
    expect([account.status, account.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const text = textOf(await account.text());
    for (const part of ['Your account', person.email, 'Acme viewer', 'Northwind owner'])
      expect(text).toContain(part);
  });

  it('with a wrong password answers as for an address that nobody has, and signs nobody in', async () => {
    const person = await setting.person();
    const pages: string[] = [];
    for (const email of [person.email, 'nobody@example.com']) {
      const browser = openBrowser();
      const answer = await signIn(browser, { ...person, email, password: 'wrong' });
      expect([answer.status, sessionOf(browser)]).toEqual([422, undefined]);
      pages.push((await answer.text()).replaceAll(email, ''));
    }
    expect(pages[0]).toBe(pages[1]);
  });

  it('is the same session as that of an authorization request, both ways', async () => {
    const person = await setting.person();
    const browser = openBrowser();
    await signIn(browser, person);
    const asked = await browser.fetch(setting.authorizeUrl(client));
    const consent = await browser.fetch(new URL(asked.headers.get('location') ?? '', auth.url));
    expect(textOf(await consent.text())).toContain('wants access');

    const other = openBrowser();
    await setting.tokens(client, person, { browser: other });
    expect((await home(other)).status).toBe(200);
  });

  it('gives the browser a new session id, whatever cookie it came with', async () => {
    const [attacker, victim] = [await setting.person(), await setting.person()];
    const planted = openBrowser();
    await signIn(planted, attacker);
    const stolen = sessionOf(planted);
    await signIn(planted, victim);
    const mine = sessionOf(planted);
    expect(mine).not.toBe(stolen);
    const thief = await fetch(`${auth.url}/account`, {
      headers: { cookie: stolen ?? '' },
      redirect: 'manual',
    });
    expect(thief.status).toBe(303);

    // An anonymous session, as the page of device codes starts one, is no way in either.
    const anonymous = openBrowser();
    await anonymous.fetch(`${auth.url}/oauth/device`);
    const before = sessionOf(anonymous);
    expect(before).toBeDefined();
    await signIn(anonymous, victim);
    expect(sessionOf(anonymous)).not.toBe(before);
    const again = await fetch(`${auth.url}/account`, {
      headers: { cookie: before ?? '' },
      redirect: 'manual',
    });
    expect(again.status).toBe(303);

    // Nor the same user's own id from before.
    await signIn(planted, victim);
    const old = await fetch(`${auth.url}/account`, { headers: { cookie: mine ?? '' }, redirect: 'manual' });
    expect(old.status).toBe(303);
    expect((await home(planted)).status).toBe(200);
  });

  it('sets a cookie that is signed, HttpOnly, SameSite=Lax, and Secure where the issuer is', async () => {
    const person = await setting.person();
    const secure = await startAuth({ db, product, apiUrl, authUrl: 'https://auth.example.com' });
    for (const [url, expected] of [
      [auth.url, false],
      [secure.url, true],
    ] as const) {
      const body = new URLSearchParams({ email: person.email, password });
      const answer = await fetch(`${url}/sign-in`, { method: 'POST', body, redirect: 'manual' });
      const cookies = answer.headers.getSetCookie();
      expect(cookies.map((line) => line.split('=')[0])).toEqual([
        'keystile_devices',
        'keystile_session',
        'keystile_session.sig',
      ]);
      for (const line of cookies) {
        for (const attribute of [/; path=\/;/i, /; expires=/i, /; samesite=lax/i, /; httponly/i])
          expect(line).toMatch(attribute);
        expect(/; secure/i.test(line)).toBe(expected);
      }
    }
  });

  it.each(['https://evil.example', '//evil.example', '/\\evil.example', '/.//evil.example'])(
    'does not lead to %s',
    async (elsewhere) => {
      const person = await setting.person();
      const query = `?${new URLSearchParams({ return_to: elsewhere })}`;
      const browser = openBrowser();
      const answer = await signIn(browser, person, query);
      expect(answer.headers.get('location')).toBe('/account');
      expect((await browser.fetch(`${auth.url}/sign-in${query}`)).headers.get('location')).toBe('/account');
    },
  );

  it('is limited together with that of authorization requests', async () => {
    const signInLimits = { address: { failures: 100, seconds: 60 }, account: { failures: 2, seconds: 60 } };
    const limited = await startAuth({ db, product, apiUrl, signInLimits });
    const person = await setting.person();
    const browser = openBrowser();
    const start = setting.authorizeUrl(client);
    const asked = await browser.fetch(`${limited.url}${start.pathname}${start.search}`);
    const action = `${limited.url}${asked.headers.get('location')}/sign-in`;
    const fields: [string, string][] = [
      ['email', person.email],
      ['password', 'wrong'],
    ];
    expect((await submit(browser, action, fields)).status).toBe(422);
    expect((await submit(browser, `${limited.url}/sign-in?return_to=%2Faccount`, fields)).status).toBe(422);
    const stopped = await submit(browser, `${limited.url}/sign-in?return_to=%2Faccount`, fields);
    expect(stopped.status).toBe(429);
    expect(await stopped.text()).toContain('href="/sign-in?return_to=%2Faccount"');
    expect((await submit(browser, action, fields)).status).toBe(429);
  });
});

describe('a session', () => {
  it('from before a change of the password is none', async () => {
    const person = await setting.person();
    const browser = openBrowser();
    await signIn(browser, person);
    const renewed = { ...person, password: 'another horse battery' };
    const hash = await hashPassword(renewed.password);
    await db.transaction((tx) => changePassword(tx, person.id, hash));
    expect((await home(browser)).headers.get('location')).toMatch('/sign-in');
    await signIn(browser, renewed);
    expect((await home(browser)).status).toBe(200);
  });

  it('whose user is gone is none', async () => {
    const person = await setting.person();
    const browser = openBrowser();
    await signIn(browser, person);
    await db.query('delete from users where id = $1', [person.id]);
    expect((await home(browser)).headers.get('location')).toMatch('/sign-in');
  });

  it('ends with the sign-out, for apps too, and its cookie with it', async () => {
    const person = await setting.person();
    const browser = openBrowser();
    await setting.tokens(client, person, { browser });
    const cookie = browser.cookiesFor(auth.url).join('; ');
    const done = await post(browser, '/sign-out', {});
    const last = await browser.fetch(new URL(done.headers.get('location') ?? '', auth.url));
    expect(textOf(await last.text())).toContain('You are signed out');
    const old = await fetch(`${auth.url}/account`, { headers: { cookie }, redirect: 'manual' });
    expect(old.headers.get('location')).toMatch('/sign-in');
    const silent = await browser.fetch(setting.authorizeUrl(client, { prompt: 'none' }));
    expect(silent.headers.get('location')).toContain('error=login_required');
    expect((await post(browser, '/sign-out', {})).headers.get('location')).toBe('/sign-in');
  });
});

describe('a form from another site', () => {
  it.each(['/sign-in', '/sign-out', '/account/confirm'])(
    'to %s is refused and changes nothing',
    async (path) => {
      const person = await setting.person();
      const browser = openBrowser();
      await signIn(browser, person);
      const before = sessionOf(browser);
      const fields = { email: person.email, password, way: 'password' };
      for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }]) {
        expect((await post(browser, path, fields, headers)).status).toBe(403);
      }
      expect([sessionOf(browser), (await home(browser)).status]).toEqual([before, 200]);
    },
  );

  it('and other methods are no way to a form', async () => {
    const answer = await fetch(`${auth.url}/sign-out`, { headers: { accept: 'text/html' } });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    const put = await fetch(`${auth.url}/sign-in`, { method: 'PUT' });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
  });
});

describe('confirming', () => {
  it('asks for the password again, goes on to the page, and renews the sign-in', async () => {
    const person = await setting.person();
    const browser = openBrowser();
    await signIn(browser, person);
    await ageSignIns(db, 3_600);
    const before = sessionOf(browser);
    const path = '/account/confirm?return_to=%2Faccount%3Fdone%3Dsaved';
    const page = await browser.fetch(auth.url + path);
    const form = readForm(await page.text());
    const action = new URL(form?.action ?? '', auth.url);
    const fields = (form?.fields ?? []).filter(([name]) => name !== 'password');

    const wrong = await submit(browser, action, [...fields, ['password', 'wrong']]);
    expect([wrong.status, sessionOf(browser)]).toEqual([422, before]);
    const right = await submit(browser, action, [...fields, ['password', password]]);
    expect([right.status, right.headers.get('location')]).toEqual([303, '/account?done=saved']);
    expect(sessionOf(browser)).not.toBe(before);
    const [{ fresh } = { fresh: false }] = await db.query<{ fresh: boolean }>(
      `select (s.payload ->> 'loginTs')::integer > extract(epoch from now()) - 60 as fresh from oidc_sessions s
       where s.payload ->> 'accountId' = $1`,
      [person.id],
    );
    expect(fresh).toBe(true);
    const saved = await browser.fetch(`${auth.url}/account?done=saved`);
    expect(textOf(await saved.text())).toContain('Your changes are saved.');
  });

  it('takes nobody else’s password, and no other way', async () => {
    const [person, other] = [await setting.person(), await setting.person()];
    const browser = openBrowser();
    await signIn(browser, person);
    const renewed = await hashPassword('another horse battery');
    await db.query('update users set password_hash = $2 where id = $1', [other.id, renewed]);
    const fields = { email: other.email, password: 'another horse battery', way: 'password' };
    expect((await post(browser, '/account/confirm', fields)).status).toBe(422);
    expect((await post(browser, '/account/confirm', { password, way: 'magic' })).status).toBe(422);
    expect((await post(browser, '/account/confirm', { password })).status).toBe(422);
  });

  it('is limited as the sign-in is, under the user’s own address', async () => {
    const signInLimits = { address: { failures: 100, seconds: 60 }, account: { failures: 2, seconds: 60 } };
    const limited = await startAuth({ db, product, apiUrl, signInLimits });
    const person = await setting.person();
    const browser = openBrowser();
    const to = (path: string, fields: Record<string, string>) =>
      submit(browser, limited.url + path, Object.entries(fields));
    await to('/sign-in', { email: person.email, password });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) {
      const fields = { email: `other${n}@example.com`, password: 'wrong', way: 'password' };
      statuses.push((await to('/account/confirm', fields)).status);
    }
    expect(statuses).toEqual([422, 422, 429]);
    expect((await to('/sign-in', { email: person.email, password })).status).toBe(429);
  });
});

import { describe, expect, it } from '@jest/globals';
import { findLatestConsent } from '#store';
import { type Browser, credentialsOf, openBrowser, readForm, submit } from '../support/sign-in.ts';
import { startAuth } from '../support/start-auth.ts';
import {
  apiUrl,
  createSetting,
  joinOrganization,
  type Person,
  product,
  redirectUri,
  type Setting,
} from './fixtures.ts';

// What keeps other sites from showing, sending, reading or tracing what a signed-in browser can do here.
const setting = await createSetting();
const { db, auth } = setting;
const client = await setting.client({ postLogoutRedirectUris: ['https://app.example.com/bye'] });
const device = await setting.client({
  grantTypes: ['urn:ietf:params:oauth:grant-type:device_code'],
  redirectUris: [],
});

/** Follows redirects within the server, and keeps each answer on the way. */
async function follow(browser: Browser, first: Response, seen: Response[] = []): Promise<Response> {
  let response = first;
  for (;;) {
    seen.push(response);
    const location = response.headers.get('location');
    if (location === null || new URL(location, auth.url).origin !== auth.url) return response;
    response = await browser.fetch(new URL(location, auth.url));
  }
}

const open = async (browser: Browser, url: string | URL, seen?: Response[]) =>
  follow(browser, await browser.fetch(url), seen);

/** Sends a page's form. */
async function send(browser: Browser, page: Response, more: [string, string][], seen?: Response[]) {
  const form = readForm(await page.clone().text());
  const fields = form?.fields.filter(([name]) => !more.some(([other]) => other === name)) ?? [];
  const sent = await submit(browser, new URL(form?.action ?? '', page.url), [...fields, ...more]);
  return follow(browser, sent, seen);
}

async function toConsent(browser: Browser, person: Person, parameters = {}, seen?: Response[]) {
  const page = await open(browser, setting.authorizeUrl(client, parameters), seen);
  return send(browser, page, credentialsOf(person), seen);
}

async function typed(browser: Browser): Promise<Response> {
  const started = await (await setting.post('/oauth/device_authorization', device, {})).json();
  return send(browser, await open(browser, `${auth.url}/oauth/device`), [['user_code', started.user_code]]);
}

const html = { headers: { accept: 'text/html' } };
const pages: Record<string, (browser: Browser) => Promise<Response>> = {
  'sign-in': (browser) => open(browser, setting.authorizeUrl(client)),
  'sign-in again': async (browser) =>
    send(browser, await open(browser, setting.authorizeUrl(client)), [['email', 'x@example.com']]),
  consent: async (browser) => toConsent(browser, await setting.person()),
  'choice of an organization': async (browser) => {
    const person = await setting.person();
    await joinOrganization(db, person, 'Other', 'owner');
    return toConsent(browser, person);
  },
  'no organization': async (browser) => {
    const person = await setting.person();
    await db.query('delete from memberships where user_id = $1', [person.id]);
    return toConsent(browser, person);
  },
  'typing a device’s code': (browser) => open(browser, `${auth.url}/oauth/device`),
  'confirming a device': typed,
  'sign-out': async (browser) => {
    await toConsent(browser, await setting.person());
    return open(browser, `${auth.url}/oauth/logout`);
  },
  'signed out': async (browser) =>
    send(browser, await open(browser, `${auth.url}/oauth/logout`), [['logout', 'yes']]),
  'a mistake of the app': (browser) => open(browser, setting.authorizeUrl(client, { scope: 'unknown' })),
  'an unknown app': (browser) => open(browser, `${auth.url}/oauth/authorize?client_id=x`),
  'an interaction that is over': (browser) => open(browser, `${auth.url}/interaction/x`),
  'a form of another site': (browser) =>
    browser.fetch(`${auth.url}/interaction/x/consent`, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'cross-site' },
    }),
  'a wrong method': (browser) => browser.fetch(`${auth.url}/oauth/authorize`, { method: 'POST', ...html }),
  'nothing here': (browser) => browser.fetch(`${auth.url}/nothing`, html),
};

describe.each(Object.entries(pages))('the page %s', (_name, load) => {
  it('can’t be framed, runs no script, loads nothing from elsewhere, is not cached and tells nobody its address', async () => {
    const page = await load(openBrowser());
    expect(page.headers.get('content-type')).toMatch('text/html');
    const policy = page.headers.get('content-security-policy');
    // oidc-provider names one script of its own for the sign-out, which our page doesn't have.
    expect(
      policy
        ?.replace(/ 'sha256-[^']+'/, '')
        .split(';')
        .toSorted(),
    ).toEqual([
      "base-uri 'none'",
      "default-src 'none'",
      "frame-ancestors 'none'",
      "img-src 'self'",
      "script-src 'none'",
      "style-src 'self'",
    ]);
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(await page.text()).not.toMatch(/<(script|iframe|object)|\son\w+=|(src|action)="https?:/);
  });
});

it('the sign-in masks the password, and lets a password manager fill it in', async () => {
  const page = await (await open(openBrowser(), setting.authorizeUrl(client))).text();
  const input = /<input [^>]*name="password"[^>]*>/.exec(page)?.[0] ?? '';
  expect(input).toContain('type="password"');
  expect(input).toContain('autocomplete="current-password"');
  expect(input).not.toMatch(/maxlength|readonly|onpaste/);
});

it('the answer by form runs its one script alone, and can’t be framed', async () => {
  const browser = openBrowser();
  const page = await toConsent(browser, await setting.person(), { response_mode: 'form_post' });
  const { headers } = await send(browser, page, []);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/script-src 'none' 'sha256-[^']+';/);
  expect(policy).not.toContain('unsafe');
  expect(policy).toContain("frame-ancestors 'none'");
  expect([headers.get('x-frame-options'), headers.get('referrer-policy')]).toEqual(['DENY', 'no-referrer']);
});

it('each redirect is a 303, which drops what was posted, and hides where it came from', async () => {
  const [browser, seen, person] = [openBrowser(), [] as Response[], await setting.person()];
  const consent = await toConsent(browser, person, {}, seen);
  await send(browser, consent, [], seen);
  const again = await open(browser, setting.authorizeUrl(client, { prompt: 'consent' }));
  const action = new URL(readForm(await again.text())?.action ?? '', auth.url);
  for (const last of ['switch-account', 'cancel']) {
    const to = new URL(last, action);
    await follow(browser, await submit(browser, to, []), seen);
  }
  await send(browser, await typed(browser), [['confirm', 'yes']], seen);
  await send(browser, await open(browser, `${auth.url}/oauth/logout`), [['logout', 'yes']], seen);
  const redirects = seen.filter(({ headers }) => headers.has('location'));
  expect(redirects.length).toBeGreaterThan(6);
  for (const { status, headers } of redirects) {
    expect([status, headers.get('referrer-policy')]).toEqual([303, 'no-referrer']);
    expect(headers.get('location')).not.toContain(person.password.split(' ')[0]);
  }
});

describe('a page of another origin', () => {
  it.each(['/oauth/authorize', '/oauth/authorize/x', '/interaction/x', '/oauth/device', '/oauth/logout'])(
    'reads nothing from %s: there is no CORS',
    async (path) => {
      for (const origin of ['https://evil.example', new URL(redirectUri).origin, auth.url, 'null']) {
        for (const method of ['GET', 'OPTIONS']) {
          const headers = { origin, 'access-control-request-method': 'GET' };
          const query = path === '/oauth/authorize' ? setting.authorizeUrl(client).search : '';
          const response = await fetch(auth.url + path + query, { method, headers, redirect: 'manual' });
          const names = [...response.headers.keys()].filter((name) => name.startsWith('access-control-'));
          expect([origin, method, names]).toEqual([origin, method, []]);
        }
      }
    },
  );

  it.each(['sign-in', 'consent', 'cancel', 'switch-account'])('sends no %s', async (last) => {
    const [browser, person] = [openBrowser(), await setting.person()];
    const page =
      last === 'sign-in'
        ? await open(browser, setting.authorizeUrl(client))
        : await toConsent(browser, person);
    const form = readForm(await page.text());
    const action = new URL(last, new URL(form?.action ?? '', auth.url));
    const fields = last === 'sign-in' ? credentialsOf(person) : (form?.fields ?? []);
    const body = new URLSearchParams(fields);
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    ]) {
      const forged = await browser.fetch(action, { method: 'POST', body, headers });
      expect([forged.status, forged.headers.get('location')]).toEqual([403, null]);
    }
    // And without the cookies, which SameSite=Lax keeps from such a form.
    const bare = await fetch(action, { method: 'POST', body, redirect: 'manual' });
    expect([bare.status, bare.headers.get('location')]).toEqual([400, null]);
    expect(await findLatestConsent(db, person.id, client.id)).toBeNull();
    expect((await submit(browser, action, fields)).status).toBe(303);
  });
});

describe('behind TLS', () => {
  const headersOf = async ({ url }: Setting['auth']) => {
    const { search } = setting.authorizeUrl(client);
    const paths = [`/oauth/authorize${search}`, '/oauth/device', '/oauth/jwks', '/nothing', '/health'];
    return Promise.all(paths.map(async (path) => (await fetch(url + path, { redirect: 'manual' })).headers));
  };

  it('each answer keeps the browser on it, and no cookie leaves it', async () => {
    const secure = await startAuth({ db, product, apiUrl, authUrl: 'https://auth.example.com' });
    for (const headers of await headersOf(secure)) {
      expect(headers.get('strict-transport-security')).toMatch(/^max-age=31536000/);
      for (const cookie of headers.getSetCookie()) expect(cookie).toMatch(/; secure/i);
    }
    for (const headers of await headersOf(auth)) expect(headers.has('strict-transport-security')).toBe(false);
  });
});

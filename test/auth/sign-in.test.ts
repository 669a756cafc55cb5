import { describe, expect, it } from '@jest/globals';
import { connectRedis, createLogger } from '#http';
import { findLatestConsent } from '#store';
import { describeWithRedis, startRedis } from '../support/redis.ts';
import { authorize, type Browser, openBrowser, readForm, submit, textOf } from '../support/sign-in.ts';
import { startAuth } from '../support/start-auth.ts';
import { apiUrl, createSetting, password, product } from './fixtures.ts';

const setting = await createSetting();
const { db } = setting;
const client = await setting.client();

/** Opens the sign-in page in a new browser: the action of its form, to send passwords to. */
async function openSignIn(authUrl = setting.auth.url) {
  const browser = openBrowser();
  const start = setting.authorizeUrl(client);
  const first = await browser.fetch(`${authUrl}${start.pathname}${start.search}`);
  const url = new URL(first.headers.get('location') ?? '', authUrl);
  const form = readForm(await (await browser.fetch(url)).text());
  return { browser, url, action: new URL(form?.action ?? '', authUrl) };
}

async function attempt(
  { browser, action }: { browser: Browser; action: URL },
  email: string,
  secret: string,
  headers: Record<string, string> = {},
) {
  const body = new URLSearchParams({ email, password: secret });
  const response = await browser.fetch(action, { method: 'POST', body, headers });
  return { status: response.status, headers: response.headers, page: await response.text() };
}

describe('a sign-in', () => {
  it('takes an address in any case, with spaces around it', async () => {
    const person = await setting.person();
    const answer = await attempt(await openSignIn(), ` ${person.email.toUpperCase()} `, password);
    expect(answer.status).toBe(303);
  });

  it('answers alike for an unknown address, a wrong password, one too long and a user without one', async () => {
    const person = await setting.person();
    await db.query(`insert into users (id, email, name) values ('user_x', 'invited@example.com', 'Invited')`);
    const page = await openSignIn();
    const answers = [
      await attempt(page, 'nobody@example.com', 'wrong'),
      await attempt(page, person.email, 'wrong'),
      await attempt(page, person.email, password.repeat(4)),
      await attempt(page, 'invited@example.com', ''),
      await attempt(page, '', ''),
    ];
    const words = (answer: (typeof answers)[number]) =>
      answer.page.replace(/ (value="[^"]*"|autofocus)/g, '');
    for (const answer of answers) {
      expect(answer.status).toBe(422);
      expect(words(answer)).toBe(words({ ...answer, page: answers[0]?.page ?? '' }));
      expect(textOf(answer.page).match(/don’t match/g)).toHaveLength(1);
    }
  });

  it('gives the browser a new session, whatever cookie it came with', async () => {
    const [first, second] = [await setting.person(), await setting.person()];
    const browser = openBrowser();
    const session = () =>
      browser.cookiesFor(setting.auth.url).find((pair) => pair.startsWith('keystile_session='));
    await authorize(setting.authorizeUrl(client), first, { browser });
    const before = session();
    await authorize(setting.authorizeUrl(client, { prompt: 'login' }), first, { browser });
    expect(session()).not.toBe(before);

    const stale = await fetch(setting.authorizeUrl(client, { prompt: 'none' }), {
      headers: { cookie: before ?? '' },
      redirect: 'manual',
    });
    expect(stale.headers.get('location')).toContain('error=login_required');

    const callback = await authorize(setting.authorizeUrl(client, { prompt: 'login' }), second, { browser });
    expect(callback.searchParams.get('code')).toEqual(expect.any(String));
    expect(await findLatestConsent(db, second.id, client.id)).not.toBeNull();
  });

  it('is asked for again when the signed-in user is gone', async () => {
    const [gone, other] = [await setting.person(), await setting.person()];
    const browser = openBrowser();
    await authorize(setting.authorizeUrl(client), gone, { browser });
    await db.query('delete from users where id = $1', [gone.id]);
    const callback = await authorize(setting.authorizeUrl(client), other, { browser });
    expect(callback.searchParams.get('code')).toEqual(expect.any(String));
  });

  it('can be cancelled', async () => {
    const { browser, action } = await openSignIn();
    const response = await submit(browser, action.href.replace('sign-in', 'cancel'), []);
    const back = await browser.fetch(new URL(response.headers.get('location') ?? '', setting.auth.url));
    expect(back.headers.get('location')).toContain('error=access_denied');
  });

  it('fills in the address that the client hints at', async () => {
    const browser = openBrowser();
    const first = await browser.fetch(setting.authorizeUrl(client, { login_hint: '"><script>x' }));
    const page = await (
      await browser.fetch(new URL(first.headers.get('location') ?? '', setting.auth.url))
    ).text();
    expect(page).toContain('value="&quot;&gt;&lt;script&gt;x"');
  });
});

describe('guessing', () => {
  const limits = { address: { failures: 100, seconds: 60 }, account: { failures: 3, seconds: 60 } };

  it.each(['known', 'unknown'])(
    'the password of one %s account is stopped, with words and a time',
    async (kind) => {
      const auth = await startAuth({ db, product, apiUrl, signInLimits: limits });
      const [person, other] = [await setting.person(), await setting.person()];
      const email = kind === 'known' ? person.email : 'unknown@example.com';
      const page = await openSignIn(auth.url);
      for (let n = 0; n < 3; n++) expect((await attempt(page, email, 'wrong')).status).toBe(422);

      const stopped = await attempt(page, email.toUpperCase(), password);
      expect(stopped.status).toBe(429);
      expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(stopped.headers.get('retry-after'))).toBeLessThanOrEqual(60);
      expect(textOf(stopped.page)).toMatch(/Too many attempts .* Wait \d+ seconds/);
      const back = /href="(\/interaction\/[^"]*)"/.exec(stopped.page)?.[1] ?? '';
      expect((await page.browser.fetch(new URL(back, auth.url))).status).toBe(200);
      expect((await attempt(page, other.email, password)).status).toBe(303);
    },
  );

  it('at once gets no further than one after the other', async () => {
    const auth = await startAuth({ db, product, apiUrl, signInLimits: limits });
    const person = await setting.person();
    const page = await openSignIn(auth.url);
    const answers = await Promise.all(Array.from({ length: 12 }, () => attempt(page, person.email, 'wrong')));
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(9);
  });

  it('from one address is stopped for all accounts; right passwords don’t count', async () => {
    const signInLimits = { ...limits, address: { failures: 2, seconds: 60 } };
    const auth = await startAuth({ db, product, apiUrl, signInLimits, trustedProxies: ['127.0.0.1'] });
    const person = await setting.person();
    const from = (address: string) => ({ 'x-forwarded-for': address });
    for (let n = 0; n < 3; n++) {
      const answer = await attempt(
        await openSignIn(auth.url),
        person.email,
        password,
        from('2001:db8:0:1::1'),
      );
      expect(answer.status).toBe(303);
    }
    const page = await openSignIn(auth.url);
    for (let n = 0; n < 2; n++) {
      const answer = await attempt(page, `nobody${n}@example.com`, 'wrong', from(`2001:db8:0:${n}::1`));
      expect(answer.status).toBe(422);
    }
    // The same /56, and so the same customer.
    expect((await attempt(page, person.email, password, from('2001:db8:0:ff::2'))).status).toBe(429);
    expect((await attempt(page, person.email, password, from('2001:db8:0:100::1'))).status).toBe(303);
  });

  it('does not get around by an address that no trusted proxy vouches for', async () => {
    const signInLimits = { ...limits, address: { failures: 2, seconds: 60 } };
    const auth = await startAuth({ db, product, apiUrl, signInLimits });
    const page = await openSignIn(auth.url);
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) {
      const forged = { 'x-forwarded-for': `203.0.113.${n}` };
      statuses.push((await attempt(page, `nobody${n}@example.com`, 'wrong', forged)).status);
    }
    expect(statuses).toEqual([422, 422, 429]);
  });
});

describeWithRedis('guessing, counted in Redis', () => {
  it('is stopped by all processes together, and by each alone when Redis is gone', async () => {
    const server = await startRedis();
    const redis = await connectRedis(server.url, createLogger('test', 'silent'), { answerWithinMs: 5_000 });
    try {
      const signInLimits = { address: { failures: 100, seconds: 60 }, account: { failures: 2, seconds: 60 } };
      const options = { db, product, apiUrl, signInLimits, redis };
      const [one, two] = [await startAuth(options), await startAuth(options)];
      const [here, there] = [await openSignIn(one.url), await openSignIn(two.url)];
      expect((await attempt(here, 'a@example.com', 'wrong')).status).toBe(422);
      expect((await attempt(there, 'a@example.com', 'wrong')).status).toBe(422);
      expect((await attempt(here, 'a@example.com', 'wrong')).status).toBe(429);
      expect((await attempt(there, 'a@example.com', 'wrong')).status).toBe(429);

      await server.kill();
      const statuses: number[] = [];
      for (let n = 0; n < 3; n++) statuses.push((await attempt(here, 'b@example.com', 'wrong')).status);
      expect(statuses).toEqual([422, 422, 429]);
    } finally {
      await redis.close();
    }
  });
});

describe('a form from another site', () => {
  it('is refused', async () => {
    const person = await setting.person();
    const page = await openSignIn();
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site', origin: setting.auth.url },
      { origin: 'https://evil.example' },
    ]) {
      expect([headers, (await attempt(page, person.email, password, headers)).status]).toEqual([
        headers,
        403,
      ]);
    }
    expect((await attempt(page, person.email, password, { origin: setting.auth.url })).status).toBe(303);
  });

  it('comes without cookies, which are SameSite=Lax and out of scripts’ reach', async () => {
    const response = await fetch(setting.authorizeUrl(client), { redirect: 'manual' });
    const cookies = response.headers.getSetCookie();
    expect(cookies.length).toBeGreaterThan(0);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/; samesite=lax/i);
      expect(cookie).toMatch(/; httponly/i);
      expect(cookie).not.toMatch(/; secure/i);
    }
    const secure = await startAuth({ db, product, apiUrl, authUrl: 'https://auth.example.com' });
    const start = setting.authorizeUrl(client);
    const behind = await fetch(`${secure.url}${start.pathname}${start.search}`, { redirect: 'manual' });
    for (const cookie of behind.headers.getSetCookie()) expect(cookie).toMatch(/; secure/i);
    expect(behind.headers.getSetCookie().length).toBeGreaterThan(0);
  });

  it('can’t send the cookie of one sign-in to the page of another', async () => {
    const person = await setting.person();
    const [mine, other] = [await openSignIn(), await openSignIn()];
    const response = await fetch(other.action, {
      method: 'POST',
      headers: { cookie: mine.browser.cookiesFor(mine.action).join('; ') },
      body: new URLSearchParams({ email: person.email, password }),
      redirect: 'manual',
    });
    expect(response.status).toBe(400);
    expect((await attempt(other, person.email, password)).status).toBe(303);
  });

  it('can’t send a changed cookie', async () => {
    const { browser, action } = await openSignIn();
    const forged = browser.cookiesFor(action).map((pair) => pair.replace(/^(keystile_interaction=)./, '$1.'));
    const response = await fetch(action, {
      method: 'POST',
      headers: { cookie: forged.join('; ') },
      body: new URLSearchParams({ email: 'a@example.com', password: 'x' }),
    });
    expect(response.status).toBe(400);
  });
});

describe('a page', () => {
  it('can’t be framed, scripted, cached or traced', async () => {
    const { browser, url } = await openSignIn();
    const pages = [
      await browser.fetch(url),
      await fetch(`${setting.auth.url}/oauth/authorize`),
      await fetch(`${setting.auth.url}/nothing`, { headers: { accept: 'text/html' } }),
    ];
    for (const { headers } of pages) {
      expect(headers.get('content-type')).toMatch('text/html');
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('x-request-id')).toMatch(/^req_/);
    }
  });

  it('has its style at a path of its own, for ever', async () => {
    const { browser, url } = await openSignIn();
    const page = await (await browser.fetch(url)).text();
    const path = /href="(\/assets\/[^"]+)"/.exec(page)?.[1];
    const style = await fetch(setting.auth.url + path);
    expect(style.headers.get('content-type')).toMatch('text/css');
    expect(style.headers.get('cache-control')).toContain('immutable');
  });
});

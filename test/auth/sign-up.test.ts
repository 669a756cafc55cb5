import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { findUserByEmail, listMembershipsOfUser, newId } from '#store';
import { accountMailsTo } from '../support/account-mails.ts';
import { authorize, type Browser, openBrowser, submit, textOf } from '../support/sign-in.ts';
import { startAuth } from '../support/start-auth.ts';
import { withRoom } from '../support/with-room.ts';
import { apiUrl, createSetting, password, product } from './fixtures.ts';

const encryptionKey = randomBytes(32).toString('hex');
const mailLimits = { address: { max: 1_000, seconds: 60 }, recipient: { max: 3, seconds: 60 } };
const setting = await createSetting({ encryptionKey, signUp: true, mailLimits });
const { auth, db } = setting;

const newEmail = () => `${newId('u')}@example.com`;
const mailsTo = (email: string) => accountMailsTo(db, encryptionKey, email);
const send = (browser: Browser, path: string, fields: Record<string, string>, base = auth.url) =>
  submit(browser, new URL(path, base), Object.entries(fields));
const whole = { name: 'Example', organization: 'Northwind', password };

/** Asks for a link and opens it: the path of the page. */
async function linkFor(email: string, query = '') {
  const answer = await send(openBrowser(), `/sign-up${query}`, { email });
  expect(answer.status).toBe(200);
  const mail = (await mailsTo(email)).at(-1);
  const link = new URL(mail?.link ?? '');
  return link.pathname + link.search;
}

const home = async (browser: Browser) => {
  const page = await browser.fetch(`${auth.url}/account`);
  return page.status === 200 ? textOf(await page.text()) : page.status;
};

describe('a sign-up', () => {
  it('makes a user and an organization of its own when the mailed link is opened, with audit entries', async () => {
    const email = newEmail();
    const browser = openBrowser();
    const path = await linkFor(email);
    expect(await findUserByEmail(db, email)).toBeNull();
    const page = await browser.fetch(auth.url + path);
    expect(textOf(await page.text())).toContain(`${email} is confirmed`);
    // A page alone, as mail scanners open it, uses nothing up.
    const done = await send(browser, path, whole);
    expect([done.status, done.headers.get('location')]).toEqual([303, '/account']);
    expect(await home(browser)).toContain('Northwind owner');

    const user = await findUserByEmail(db, email);
    expect(user).toMatchObject({ name: 'Example', language: 'en' });
    const [membership] = await listMembershipsOfUser(db, user?.id ?? '');
    expect(membership).toMatchObject({ plan: product.defaultPlan, role: 'owner' });
    const entries = await db.query(
      `select a.action, a.actor_id, a.target_id from audit_entries a where a.organization_id = $1 order by a.seq`,
      [membership?.organizationId],
    );
    expect(entries).toEqual([
      { action: 'organization.created', actor_id: user?.id, target_id: membership?.organizationId },
      { action: 'user.created', actor_id: user?.id, target_id: user?.id },
    ]);
    const again = openBrowser();
    expect((await send(again, '/sign-in', { email, password })).headers.get('location')).toBe('/account');
  });

  it('goes on with the authorization request that it came from', async () => {
    const rich = await startAuth({ db, product: withRoom(product), apiUrl, encryptionKey, signUp: true });
    const client = await setting.client();
    const browser = openBrowser();
    const start = setting.authorizeUrl(client);
    const first = await browser.fetch(rich.url + start.pathname + start.search);
    const interaction = first.headers.get('location') ?? '';
    const page = await (await browser.fetch(rich.url + interaction)).text();
    const signUp = /href="(\/sign-up[^"]*)"/.exec(page)?.[1] ?? '';
    const email = newEmail();
    // Seconds tell which came first.
    await db.query(
      `update oidc_interactions set payload = jsonb_set(payload, '{iat}', to_jsonb((payload ->> 'iat')::int - 1))`,
    );
    await send(browser, signUp, { email }, rich.url);
    const link = new URL((await mailsTo(email)).at(-1)?.link ?? '');
    expect(link.origin).toBe(rich.url);
    const done = await send(browser, link.href, whole);
    expect(done.headers.get('location')).toBe(interaction);
    const resumed = await browser.fetch(rich.url + interaction);
    expect(resumed.status).toBe(303);
    const callback = await authorize(resumed.headers.get('location') ?? '', { email, password }, { browser });
    expect(callback.searchParams.get('code')).toEqual(expect.any(String));
  });

  it('answers alike for an address that has an account; only its owner hears which', async () => {
    const person = await setting.person();
    const email = newEmail();
    const [known, unknown] = [
      await send(openBrowser(), '/sign-up', { email: person.email }),
      await send(openBrowser(), '/sign-up', { email }),
    ];
    expect(known.status).toBe(unknown.status);
    const names = ({ headers }: Response) => [...headers.keys()].sort();
    expect(names(known)).toEqual(names(unknown));
    expect((await known.text()).replaceAll(person.email, '')).toBe(
      (await unknown.text()).replaceAll(email, ''),
    );
    expect((await mailsTo(person.email)).map(({ about }) => about.kind)).toEqual(['account_exists']);
    expect((await mailsTo(email)).map(({ about }) => about.kind)).toEqual(['verify_email']);
  });

  it('runs the same statements for both', async () => {
    const person = await setting.person();
    const count = async (email: string) => {
      const rows = await db.query<{ count: number }>(
        'select count(*)::integer from account_tokens t where lower(t.email) = lower($1)',
        [email],
      );
      return rows[0]?.count;
    };
    const email = newEmail();
    for (const each of [person.email, email]) await send(openBrowser(), '/sign-up', { email: each });
    expect([await count(person.email), await count(email)]).toEqual([1, 1]);
  });

  it('takes a link once, of many tries at once', async () => {
    const email = newEmail();
    const path = await linkFor(email);
    const answers = await Promise.all([1, 2, 3].map(() => send(openBrowser(), path, whole)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 410, 410]);
    expect(await listMembershipsOfUser(db, (await findUserByEmail(db, email))?.id ?? '')).toHaveLength(1);
    const page = await fetch(auth.url + path);
    expect([page.status, textOf(await page.text())]).toEqual([
      410,
      expect.stringContaining('doesn’t work any more'),
    ]);
  });

  it('ends the other links to the address, and makes no second account', async () => {
    const email = newEmail();
    const [one, two] = [await linkFor(email), await linkFor(email)];
    expect((await send(openBrowser(), two, whole)).status).toBe(303);
    expect((await send(openBrowser(), one, whole)).status).toBe(410);
    const late = newEmail();
    const path = await linkFor(late);
    await db.query(`insert into users (id, email, name) values ($1, $2, 'Added')`, [newId('user'), late]);
    const taken = await send(openBrowser(), path, whole);
    expect([taken.status, textOf(await taken.text())]).toEqual([
      422,
      expect.stringContaining('There is an account with this address'),
    ]);
  });

  it.each([
    [{ name: ' ' }, 'Fill this in'],
    [{ organization: '' }, 'Fill this in'],
    [{ name: 'x'.repeat(201) }, 'Fill this in'],
    [{ password: 'short' }, 'Use 12 characters or more.'],
    [{ password: 'é'.repeat(20) + 'à'.repeat(20) }, '72 bytes'],
    [{ password: 'x'.repeat(73) }, '72 characters at most'],
    [{ password: 'passwordpassword' }, 'tried first'],
    [{ password: 'vaultwares is mine' }, 'our name'],
  ])('with %j says what to do, and the link stays good', async (wrong, words) => {
    const path = await linkFor(newEmail());
    const answer = await send(openBrowser(), path, { ...whole, ...wrong });
    const page = await answer.text();
    expect([answer.status, textOf(page)]).toEqual([422, expect.stringContaining(words)]);
    expect(page).toContain('aria-invalid="true"');
    expect((await send(openBrowser(), path, whole)).status).toBe(303);
  });

  it.each(['', 'nobody', 'a@b', 'a b@example.com', `${'a'.repeat(250)}@example.com`])(
    'with the address %j says so and mails nobody',
    async (email) => {
      const answer = await send(openBrowser(), '/sign-up', { email });
      expect([answer.status, textOf(await answer.text())]).toEqual([
        422,
        expect.stringContaining('Enter a whole e-mail address'),
      ]);
    },
  );

  it('is in French where the reader is, mail and account, too', async () => {
    const email = newEmail();
    const french = { 'accept-language': 'fr' };
    const body = new URLSearchParams({ email });
    await fetch(`${auth.url}/sign-up`, { method: 'POST', body, headers: french });
    const mail = (await mailsTo(email)).at(-1);
    expect(mail?.language).toBe('fr');
    const fields = new URLSearchParams(whole);
    await fetch(mail?.link ?? '', { method: 'POST', body: fields, headers: french, redirect: 'manual' });
    expect(await findUserByEmail(db, email)).toMatchObject({ language: 'fr' });
  });

  it('is not there where nobody may sign up', async () => {
    const closed = await startAuth({ db, product, apiUrl, encryptionKey });
    expect((await fetch(`${closed.url}/sign-up`)).status).toBe(404);
    const posted = await send(openBrowser(), '/sign-up', { email: newEmail() }, closed.url);
    expect(posted.status).toBe(404);
    expect(await (await fetch(`${closed.url}/sign-in`)).text()).not.toContain('/sign-up');
    expect(await (await fetch(`${auth.url}/sign-in`)).text()).toContain('href="/sign-up"');
  });
});

describe('mails to one address', () => {
  it('stop after a few, with the same answer, and the links of those before still work', async () => {
    const email = newEmail();
    const pages: string[] = [];
    for (let n = 0; n < 5; n++) {
      const answer = await send(openBrowser(), '/sign-up', { email });
      pages.push(`${answer.status} ${await answer.text()}`);
    }
    expect(new Set(pages).size).toBe(1);
    const mails = await mailsTo(email);
    expect(mails).toHaveLength(3);
    const link = new URL(mails[0]?.link ?? '');
    expect((await send(openBrowser(), link.href, whole)).status).toBe(303);
  });

  it('wait when one network asks for too many, and are told how long', async () => {
    const limits = { ...mailLimits, address: { max: 2, seconds: 60 } };
    const limited = await startAuth({ db, product, apiUrl, encryptionKey, signUp: true, mailLimits: limits });
    const statuses: number[] = [];
    for (const path of ['/sign-up', '/reset', '/sign-up']) {
      const answer = await send(openBrowser(), path, { email: newEmail() }, limited.url);
      statuses.push(answer.status);
      if (answer.status !== 429) continue;
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(textOf(await answer.text())).toMatch(/Wait \d+ seconds/);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });
});

describe('against attackers', () => {
  it.each(['/sign-up', '/reset'])('a forged host is in no link of %s', async (path) => {
    const email = newEmail();
    const person = await setting.person();
    const to = path === '/reset' ? person.email : email;
    const { host } = new URL(auth.url);
    const status = await new Promise((done, fail) => {
      const headers = {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        forwarded: 'host=evil.example',
        'content-type': 'application/x-www-form-urlencoded',
      };
      request(`http://${host}${path}`, { method: 'POST', headers }, (response) => {
        response.resume();
        done(response.statusCode);
      })
        .on('error', fail)
        .end(new URLSearchParams({ email: to }).toString());
    });
    expect(status).toBe(200);
    const [mail] = await mailsTo(to);
    expect(new URL(mail?.link ?? '').origin).toBe(auth.url);
  });

  it.each(['https://evil.example', '//evil.example', '/\\evil.example', '/.//evil.example'])(
    'a sign-up does not lead to %s',
    async (elsewhere) => {
      const path = await linkFor(newEmail(), `?${new URLSearchParams({ return_to: elsewhere })}`);
      expect((await send(openBrowser(), path, whole)).headers.get('location')).toBe('/account');
    },
  );

  it('a session from before is none after it, and the new one has another id', async () => {
    const browser = openBrowser();
    await browser.fetch(`${auth.url}/oauth/device`);
    const sessionOf = () => browser.cookiesFor(auth.url).find((pair) => pair.startsWith('keystile_session='));
    const planted = sessionOf();
    expect(planted).toBeDefined();
    await send(browser, await linkFor(newEmail()), whole);
    expect(sessionOf()).not.toBe(planted);
    const thief = await fetch(`${auth.url}/account`, {
      headers: { cookie: planted ?? '' },
      redirect: 'manual',
    });
    expect(thief.status).toBe(303);
  });

  it.each(['/sign-up', '/sign-up/finish', '/reset', '/reset/choose', '/take-back'])(
    'a form from another site to %s is refused, and its pages can’t be framed',
    async (path) => {
      const email = newEmail();
      for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }]) {
        const body = new URLSearchParams({ email, ...whole });
        const answer = await fetch(auth.url + path, { method: 'POST', body, headers });
        expect(answer.status).toBe(403);
        expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
        expect(answer.headers.get('x-frame-options')).toBe('DENY');
      }
      expect(await mailsTo(email)).toEqual([]);
    },
  );
});

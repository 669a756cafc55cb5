import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { findUser, newId } from '#store';
import { accountMailsTo } from '../support/account-mails.ts';
import { type Browser, openBrowser, submit, textOf } from '../support/sign-in.ts';
import { createSetting, joinOrganization, type Person } from './fixtures.ts';

const encryptionKey = randomBytes(32).toString('hex');
const setting = await createSetting({
  encryptionKey,
  signInLimits: { address: { failures: 100, seconds: 60 }, account: { failures: 2, seconds: 60 } },
  mailLimits: { address: { max: 1_000, seconds: 60 }, recipient: { max: 3, seconds: 60 } },
});
const { auth, db } = setting;
const renewed = 'another horse battery';

/** Without those about the sign-ins of the tests. */
const mailsTo = async (email: string) =>
  (await accountMailsTo(db, encryptionKey, email)).filter(({ about }) => about.kind !== 'new_sign_in');
const newEmail = () => `${newId('u')}@example.com`;
const send = (browser: Browser, path: string, fields: Record<string, string> = {}) =>
  submit(browser, new URL(path, auth.url), Object.entries(fields));
const get = (browser: Browser, path: string) => browser.fetch(new URL(path, auth.url));
const home = async (browser: Browser) => (await get(browser, '/account')).status;

async function signedIn(person: Person): Promise<Browser> {
  const browser = openBrowser();
  expect((await send(browser, '/sign-in', { ...person })).status).toBe(303);
  return browser;
}

/** Asks for another address, and opens the link: the path of the page. */
async function changeLink(browser: Browser, email: string): Promise<string> {
  expect((await send(browser, '/account/email', { email })).status).toBe(200);
  return (await mailsTo(email)).at(-1)?.link ?? '';
}

describe('the name', () => {
  it('is changed, and refused when it is empty or too long', async () => {
    const person = await setting.person();
    const browser = await signedIn(person);
    const done = await send(browser, '/account/profile', { name: ' Ada ' });
    expect([done.status, done.headers.get('location')]).toEqual([303, '/account/profile?done=saved']);
    expect(textOf(await (await get(browser, '/account/profile?done=saved')).text())).toContain('are saved');
    for (const name of ['', ' ', 'x'.repeat(201)]) {
      expect((await send(browser, '/account/profile', { name })).status).toBe(422);
    }
    expect(await findUser(db, person.id)).toMatchObject({ name: 'Ada' });
  });
});

describe('the language', () => {
  it('is that of the last sign-in, and the one that is chosen', async () => {
    const person = await setting.person();
    const language = async () => (await findUser(db, person.id))?.language;
    expect(await language()).toBeNull();
    const browser = await signedIn(person);
    expect(await language()).toBe('en');
    await send(browser, '/language', { language: 'fr' });
    expect(await language()).toBe('fr');
    await send(openBrowser(), '/language', { language: 'en' });
    expect(await language()).toBe('fr');
  });
});

describe('a change of the password', () => {
  it('asks for the present one, ends all other sessions and grants, and mails the person', async () => {
    const person = await setting.person();
    const client = await setting.client();
    const other = openBrowser();
    const tokens = await setting.tokens(client, person, { browser: other });
    const browser = await signedIn(person);
    const wrong = { password: 'wrong', new_password: renewed };
    const refused = await send(browser, '/account/password', wrong);
    expect([refused.status, textOf(await refused.text())]).toEqual([
      422,
      expect.stringContaining('isn’t your present password'),
    ]);
    const done = await send(browser, '/account/password', {
      password: person.password,
      new_password: renewed,
    });
    expect(done.headers.get('location')).toBe('/account/password?done=passwordChanged');
    expect([await home(browser), await home(other)]).toEqual([200, 303]);
    expect(await setting.refresh(client, tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' });
    const mails = await mailsTo(person.email);
    expect(mails.map(({ about, link }) => [about.kind, link])).toEqual([
      ['password_changed', `${auth.url}/reset`],
    ]);
    await signedIn({ ...person, password: renewed });
  });

  it.each([
    ['short', 'Use 12 characters or more.'],
    ['passwordpassword', 'tried first'],
    ['correct horse battery', 'the password that you have'],
  ])('to %s says what to do and changes nothing', async (chosen, words) => {
    const person = await setting.person();
    const browser = await signedIn(person);
    const answer = await send(browser, '/account/password', {
      password: person.password,
      new_password: chosen,
    });
    expect([answer.status, textOf(await answer.text())]).toEqual([422, expect.stringContaining(words)]);
    await signedIn(person);
    expect(await mailsTo(person.email)).toEqual([]);
  });

  it('is no way to guess the present one, nor takes somebody else’s', async () => {
    const [person, other] = [await setting.person(), await setting.person()];
    const browser = await signedIn(person);
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) {
      const fields = { email: other.email, password: 'wrong', new_password: renewed };
      statuses.push((await send(browser, '/account/password', fields)).status);
    }
    expect(statuses).toEqual([422, 422, 429]);
  });

  it('is a link by mail for one who has none', async () => {
    const person = await setting.person();
    const browser = await signedIn(person);
    await db.query('update users set password_hash = null where id = $1', [person.id]);
    const page = await (await get(browser, '/account/password')).text();
    expect(textOf(page)).toContain('You have no password yet');
    expect(page).not.toContain('name="new_password"');
    const refused = await send(browser, '/account/password', { password: '', new_password: renewed });
    expect(refused.status).toBe(422);
  });
});

describe('a change of the e-mail address', () => {
  it('needs a fresh sign-in, and the link to the new address; the old one hears of it', async () => {
    const person = await setting.person();
    await joinOrganization(db, person, 'Northwind', 'viewer');
    const browser = await signedIn(person);
    const seconds = `update oidc_sessions set payload = jsonb_set(payload, '{loginTs}',
      to_jsonb((payload ->> 'loginTs')::integer + $2::integer)) where payload ->> 'accountId' = $1`;
    await db.query(seconds, [person.id, -3_600]);
    const email = newEmail();
    for (const answer of [
      await get(browser, '/account/email'),
      await send(browser, '/account/email', { email }),
    ]) {
      expect(answer.headers.get('location')).toBe('/account/confirm?return_to=%2Faccount%2Femail');
    }
    await db.query(seconds, [person.id, 3_600]);

    const link = await changeLink(browser, email);
    expect(await findUser(db, person.id)).toMatchObject({ email: person.email });
    expect(textOf(await (await get(browser, link)).text())).toContain(`you sign in as ${email}`);
    const done = await send(browser, link);
    expect(done.headers.get('location')).toBe('/account/profile?done=emailChanged');
    expect(await findUser(db, person.id)).toMatchObject({ email });
    expect((await mailsTo(person.email)).map(({ about }) => about)).toEqual([
      { kind: 'email_changed', data: { email, days: 7 } },
    ]);
    const entries = await db.query(
      `select o.name, a.action, a.actor_id, a.before, a.after from audit_entries a
       join organizations o on o.id = a.organization_id where a.target_id = $1 order by o.name`,
      [person.id],
    );
    const change = {
      action: 'user.updated',
      actor_id: person.id,
      before: { id: person.id, email: person.email },
      after: { id: person.id, email },
    };
    expect(entries).toEqual([
      { name: 'Acme', ...change },
      { name: 'Northwind', ...change },
    ]);
    expect((await send(openBrowser(), '/sign-in', { ...person })).status).toBe(422);
    await signedIn({ ...person, email });
    expect((await send(browser, link)).status).toBe(410);
  });

  it('answers alike for an address that is taken, whose owner hears of it', async () => {
    const [person, other] = [await setting.person(), await setting.person()];
    const browser = await signedIn(person);
    const email = newEmail();
    const [taken, free] = [
      await send(browser, '/account/email', { email: other.email }),
      await send(browser, '/account/email', { email }),
    ];
    expect(taken.status).toBe(free.status);
    expect((await taken.text()).replaceAll(other.email, '')).toBe((await free.text()).replaceAll(email, ''));
    const [mail] = await mailsTo(other.email);
    expect([mail?.about.kind, mail?.link]).toEqual(['account_exists', `${auth.url}/reset`]);
  });

  it('to one that was taken meanwhile changes nothing', async () => {
    const person = await setting.person();
    const browser = await signedIn(person);
    const email = newEmail();
    const link = await changeLink(browser, email);
    await db.query(`insert into users (id, email, name) values ($1, $2, 'Other')`, [newId('user'), email]);
    const answer = await send(browser, link);
    expect([answer.status, textOf(await answer.text())]).toEqual([
      422,
      expect.stringContaining('has an account already'),
    ]);
    expect(await findUser(db, person.id)).toMatchObject({ email: person.email });
  });

  it.each(['not an address', ''])('to %j says what is wrong', async (email) => {
    const browser = await signedIn(await setting.person());
    expect((await send(browser, '/account/email', { email })).status).toBe(422);
  });

  it('is confirmed by nobody else, signed in or not', async () => {
    const [person, other] = [await setting.person(), await setting.person()];
    const link = await changeLink(await signedIn(person), newEmail());
    const stranger = await signedIn(other);
    expect([(await get(stranger, link)).status, (await send(stranger, link)).status]).toEqual([410, 410]);
    expect((await send(openBrowser(), link)).headers.get('location')).toMatch(/^\/sign-in\?/);
    expect(await findUser(db, person.id)).toMatchObject({ email: person.email });
  });

  it('ends the reset links that were sent to the old address', async () => {
    const person = await setting.person();
    const browser = await signedIn(person);
    await send(openBrowser(), '/reset', { email: person.email });
    const reset = (await mailsTo(person.email)).at(-1)?.link ?? '';
    await send(browser, await changeLink(browser, newEmail()));
    expect((await send(openBrowser(), reset, { password: renewed })).status).toBe(410);
  });
});

describe('a form from another site', () => {
  it.each([
    '/account/profile',
    '/account/email',
    '/account/email/confirm',
    '/account/password',
    '/account/sessions/end',
    '/account/sessions/end-others',
    '/account/sessions/end-all',
  ])('to %s is refused, and without a session leads to the sign-in', async (path) => {
    const person = await setting.person();
    const browser = await signedIn(person);
    const fields = { name: 'X', email: newEmail(), password: person.password, new_password: renewed };
    const body = new URLSearchParams(fields);
    const crossed = await browser.fetch(auth.url + path, {
      method: 'POST',
      body,
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(crossed.status).toBe(403);
    expect(crossed.headers.get('x-frame-options')).toBe('DENY');
    expect(await home(browser)).toBe(200);
    expect(await findUser(db, person.id)).toMatchObject({ name: 'Example', email: person.email });
    const anonymous = await send(openBrowser(), path, fields);
    expect(anonymous.headers.get('location')).toMatch(/^\/sign-in\?return_to=%2Faccount/);
  });
});

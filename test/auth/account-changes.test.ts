import { describe, expect, it } from '@jest/globals';
import { findUser } from '#store';
import { openBrowser, textOf } from '../support/sign-in.ts';
import { createAccountSetting, newEmail, renewed } from './account-fixtures.ts';

const setting = await createAccountSetting();
const { auth, db, signedIn, mailsTo, send, get, home } = setting;

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

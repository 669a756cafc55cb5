import { describe, expect, it } from '@jest/globals';
import { findUser, setUserLanguage } from '#store';
import { accountMailsTo } from '../support/account-mails.ts';
import { authorize, type Browser, openBrowser } from '../support/sign-in.ts';
import { createFactorSetting } from './factor-fixtures.ts';
import type { Person } from './fixtures.ts';

// People hear of what may be somebody else's sign-in.
const setting = await createFactorSetting({ trustedProxies: ['127.0.0.1'] });
const { auth, db, encryptionKey, send, withPassword, newCode } = setting;
const step = '/sign-in/second-factor';
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0';

const mailsTo = ({ email }: Person) => accountMailsTo(db, encryptionKey, email);
const kindsTo = async (person: Person) => (await mailsTo(person)).map(({ about }) => about.kind);
const signIn = (browser: Browser, { email, password }: Person, headers = {}) =>
  send(browser, '/sign-in', { email, password }, headers);

/** A person with an account that was signed in to before. */
async function owner(): Promise<Person> {
  const person = await setting.person();
  await signIn(openBrowser(), person);
  return person;
}

describe('a sign-in on a device that is new to the account', () => {
  it('is told to its owner: when, from where, with what, and the way to end it, in the owner’s language', async () => {
    const person = await owner();
    await setUserLanguage(db, person.id, 'fr');
    const startedAt = Date.now();
    const headers = {
      'user-agent': firefox,
      'x-forwarded-for': '203.0.113.5',
      'x-forwarded-host': 'evil.example.com',
      'accept-language': 'en',
    };
    expect((await signIn(openBrowser(), person, headers)).status).toBe(303);
    const [mail, ...more] = await mailsTo(person);
    expect(mail).toEqual({
      to: person.email,
      language: 'fr',
      about: {
        kind: 'new_sign_in',
        data: { at: expect.any(String), ipAddress: '203.0.113.5', browser: 'Firefox', system: 'Linux' },
      },
      link: `${auth.url}/account/sessions`,
    });
    const at = mail?.about.kind === 'new_sign_in' ? Date.parse(mail.about.data.at) : 0;
    expect([at >= startedAt, at <= Date.now(), more.length]).toEqual([true, true, 0]);
    expect((await findUser(db, person.id))?.language).toBe('en');
  });

  it('is told also when it is on the way to an app', async () => {
    const person = await owner();
    await authorize(setting.authorizeUrl(await setting.client()), person);
    expect(await kindsTo(person)).toEqual(['new_sign_in']);
  });

  it('is told when it is complete: not before the second step', async () => {
    const person = await setting.personWithTotp();
    const first = await withPassword(person);
    await send(first.browser, step, { way: 'totp', code: await newCode(person) });
    const { browser } = await withPassword(person);
    expect(await kindsTo(person)).toEqual([]);
    const done = await send(browser, step, { way: 'totp', code: await newCode(person) });
    expect([done.headers.get('location'), await kindsTo(person)]).toEqual(['/account', ['new_sign_in']]);
  });

  it('is told five times an hour, however many there are', async () => {
    const person = await owner();
    for (let n = 0; n < 7; n++) await signIn(openBrowser(), person);
    expect(await kindsTo(person)).toEqual(Array(5).fill('new_sign_in'));
  });
});

describe('nothing is told', () => {
  it('of the very first sign-in', async () => {
    const person = await owner();
    expect(await kindsTo(person)).toEqual([]);
  });

  it('of a sign-in on a device that has signed in to the account before, nor of one that failed', async () => {
    const person = await setting.person();
    const browser = openBrowser();
    for (let n = 0; n < 2; n++) {
      expect((await signIn(browser, person)).status).toBe(303);
      await send(browser, '/sign-out', {});
    }
    expect((await signIn(openBrowser(), { ...person, password: 'wrong' })).status).toBe(422);
    expect(await kindsTo(person)).toEqual([]);
  });
});

describe('wrong codes after the right password', () => {
  const wrong = (browser: Browser) => send(browser, step, { way: 'totp', code: '000000' });

  it('are told when they have stopped the sign-in, once', async () => {
    const person = await setting.personWithTotp();
    const { browser } = await withPassword(person);
    for (let n = 0; n < 4; n++) expect((await wrong(browser)).status).toBe(422);
    expect(await kindsTo(person)).toEqual([]);
    expect((await wrong(browser)).status).toBe(422);
    for (let n = 0; n < 3; n++) expect((await wrong(browser)).status).toBe(429);
    const data = { failures: 5 };
    expect(await mailsTo(person)).toEqual([
      {
        to: person.email,
        language: 'en',
        about: { kind: 'second_step_failed', data },
        link: `${auth.url}/account/password`,
      },
    ]);
  });

  it('are not told when the right one follows before', async () => {
    const person = await setting.personWithTotp();
    const { browser } = await withPassword(person);
    for (let n = 0; n < 4; n++) await wrong(browser);
    const done = await send(browser, step, { way: 'totp', code: await newCode(person) });
    expect([done.status, await kindsTo(person)]).toEqual([303, []]);
  });
});

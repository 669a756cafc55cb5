import { describe, expect, it } from '@jest/globals';
import { hashPassword, makeTotpSecret } from '#crypto';
import {
  changePassword,
  findLatestConsent,
  findOrganization,
  insertOrganization,
  insertTotpFactor,
  listAppRequestsOfUser,
  updateOrganization,
} from '#store';
import { holdBack } from '../support/hold-back.ts';
import { type Browser, openBrowser, readForm, submit, textOf } from '../support/sign-in.ts';
import { ageSignIns, createClient, createSetting, type Person, type TestClient } from './fixtures.ts';

// A page of an authorization that somebody has left open is good for as long as the sign-in behind it.
const setting = await createSetting();
const { db, auth, organizationId } = setting;
const newHash = await hashPassword('another horse battery');

/** What ends a sign-in, and where its pages lead then. A changed password deletes the session, and with it the whole way to the app. */
const ends: [string, (person: Person) => Promise<unknown>, RegExp][] = [
  [
    'a changed password',
    ({ id }) => db.transaction((tx) => changePassword(tx, id, newHash)),
    /Go back to the app and start again/,
  ],
  [
    'a second factor set up since',
    ({ id }) => insertTotpFactor(db, { userId: id, secret: Buffer.from(makeTotpSecret()), step: 0 }),
    /Sign in/,
  ],
  ['its 30 days', () => ageSignIns(db, 30 * 86_400 + 60), /Sign in/],
];

/** The same changes, as one statement that holds the person's row. */
const changes: [string, string][] = [
  ['of the password', `update users set sessions_from = now() + interval '1 second' where id = $1`],
  [
    'of the factors',
    `with held as (select u.id from users u where u.id = $1 for update)
     insert into totp_factors (user_id, secret, last_step) select id, 'x', 0 from held`,
  ],
];

/** Follows redirects to a page here, or to the app. */
async function follow(browser: Browser, at: string | URL, first?: Response) {
  let url = new URL(at, auth.url);
  let response = first ?? (await browser.fetch(url));
  for (let to = response.headers.get('location'); to !== null; to = response.headers.get('location')) {
    url = new URL(to, url);
    if (url.origin !== auth.url) return { url, text: '', form: null };
    response = await browser.fetch(url);
  }
  const html = await response.text();
  return { url, text: textOf(html), form: readForm(html) };
}

/** The page that somebody gets on the way to an app, signed in, and what sends its form. */
async function openPage(person: Person, client: TestClient) {
  const browser = openBrowser();
  await submit(browser, `${auth.url}/sign-in`, Object.entries({ ...person }));
  const page = await follow(browser, setting.authorizeUrl(client));
  const action = new URL(page.form?.action ?? '', auth.url);
  const send = async () => follow(browser, action, await submit(browser, action, page.form?.fields ?? []));
  return { browser, ...page, send };
}

/** An app of others, which a member has to ask for. */
async function appToAskFor(): Promise<TestClient> {
  const organization = await findOrganization(db, organizationId);
  if (!organization) throw new Error('no organization');
  await updateOrganization(db, organizationId, { ...organization, appPolicy: 'approval' });
  const maker = await insertOrganization(db, { name: 'Northwind', plan: 'enterprise', windows: null });
  return createClient(db, maker.id);
}

describe('a consent page that is left open', () => {
  it.each(ends)('does not outlive %s: nothing is remembered', async (_what, end, leadsTo) => {
    const [person, client] = [await setting.person(), await setting.client()];
    const page = await openPage(person, client);
    expect(page.form?.action).toMatch(/consent$/);
    await end(person);
    expect((await page.send()).text).toMatch(leadsTo);
    expect(await findLatestConsent(db, person.id, client.id)).toBeNull();
  });

  it.each(ends)('is not shown any more after %s', async (_what, end, leadsTo) => {
    const person = await setting.person();
    const { browser, url, text } = await openPage(person, await setting.client());
    expect(text).toContain(person.email);
    await end(person);
    const late = await follow(browser, url);
    expect(late.text).toMatch(leadsTo);
    expect(late.text).not.toContain(person.email);
  });

  it('leads on to the app once its person has signed in again', async () => {
    const [person, client] = [await setting.person(), await setting.client()];
    const page = await openPage(person, client);
    await ageSignIns(db, 30 * 86_400 + 60);
    const late = await page.send();
    const action = new URL(late.form?.action ?? '', auth.url);
    const fields = Object.entries({ email: person.email, password: person.password });
    const again = await follow(page.browser, action, await submit(page.browser, action, fields));
    expect(again.form?.action).toMatch(/consent$/);
    const sent = await submit(
      page.browser,
      new URL(again.form?.action ?? '', auth.url),
      again.form?.fields ?? [],
    );
    const callback = await follow(page.browser, auth.url, sent);
    expect(callback.url.searchParams.get('code')).toEqual(expect.any(String));
  });

  it.each(changes)('and a change %s come one after the other', async (_what, change) => {
    const [person, client] = [await setting.person(), await setting.client()];
    const { send } = await openPage(person, client);
    const [answer] = await holdBack(db, [change, [person.id]], [send]);
    expect(answer?.form?.action).toMatch(/sign-in$/);
    expect(await findLatestConsent(db, person.id, client.id)).toBeNull();
  });
});

describe('a page to ask for an app that is left open', () => {
  it.each(ends)('does not outlive %s: nobody is asked', async (_what, end, leadsTo) => {
    const person = await setting.person('member');
    const page = await openPage(person, await appToAskFor());
    expect(page.form?.action).toMatch(/ask$/);
    await end(person);
    expect((await page.send()).text).toMatch(leadsTo);
    expect(await listAppRequestsOfUser(db, person.id)).toEqual([]);
  });

  it.each(changes)('and a change %s come one after the other', async (_what, change) => {
    const person = await setting.person('member');
    const { send } = await openPage(person, await appToAskFor());
    const [answer] = await holdBack(db, [change, [person.id]], [send]);
    expect(answer?.form?.action).toMatch(/sign-in$/);
    expect(await listAppRequestsOfUser(db, person.id)).toEqual([]);
  });
});

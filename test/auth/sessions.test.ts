import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { findOidcStateByUid, oidcTables, upsertOidcState } from '#store';
import { cleanUp } from '../../apps/worker/src/clean-up.ts';
import { type Browser, openBrowser, submit, textOf } from '../support/sign-in.ts';
import { startAuth } from '../support/start-auth.ts';
import { apiUrl, createSetting, product } from './fixtures.ts';

const encryptionKey = randomBytes(32).toString('hex');
const options = { encryptionKey, trustedProxies: ['127.0.0.1'] };
const setting = await createSetting(options);
const { auth, db, signedIn } = setting;
const second = await startAuth({ db, product, apiUrl, ...options });

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0';
const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/604.1';

/** A browser that names itself, and comes from an address. */
function browserAs(userAgent: string, address: string): Browser {
  const browser = openBrowser();
  return {
    ...browser,
    fetch(url, init = {}) {
      const headers = new Headers(init.headers);
      headers.set('user-agent', userAgent);
      headers.set('x-forwarded-for', address);
      return browser.fetch(url, { ...init, headers });
    },
  };
}

const home = async (browser: Browser) => (await browser.fetch(`${auth.url}/account`)).status;
const act = (browser: Browser, what: string, fields: [string, string][] = []) =>
  submit(browser, `${auth.url}/account/sessions/${what}`, fields);

/** The sessions on the person's page: title and details as text, and the uid that its button names. */
async function listOf(browser: Browser) {
  const page = await (await browser.fetch(`${auth.url}/account/sessions`)).text();
  return [...page.matchAll(/<li class="item">(.*?)<\/li>/gs)].map(([, item = '']) => ({
    text: textOf(item),
    uid: /name="session" value="([^"]*)"/.exec(item)?.[1] ?? '',
  }));
}

describe('the list of sessions', () => {
  it('tells browser, system, address and times, and marks this one', async () => {
    const [person, other] = [await setting.person(), await setting.person()];
    const phone = await signedIn(person, browserAs(safari, '203.0.113.5'));
    await home(phone);
    await signedIn(other);
    const here = await signedIn(person, browserAs(firefox, '2001:db8::7'));
    const list = await listOf(here);
    expect(list).toHaveLength(2);
    const time = String.raw`\d+ \w+ \d{4}, \d\d:\d\d UTC`;
    const words = (title: string, address: string) =>
      new RegExp(`^${title} From ${address} Last used ${time} Signed in ${time} Sign out$`);
    expect(list[0]?.text).toMatch(words('Firefox on Linux this browser', '2001:db8::7'));
    expect(list[1]?.text).toMatch(words('Safari on iPhone', String.raw`203\.0\.113\.5`));
  });

  it('has those of authorization requests, with where they were used last', async () => {
    const person = await setting.person();
    const app = browserAs(safari, '203.0.113.6');
    await setting.tokens(await setting.client(), person, { browser: app });
    // Its uses are written by the process that saw them, here at once.
    const list = await listOf(app);
    expect(list.map(({ text }) => text)).toEqual([expect.stringContaining('From 203.0.113.6')]);
  });

  it('has none that a changed password or the time has ended', async () => {
    const person = await setting.person();
    await signedIn(person);
    await db.query(
      `update oidc_sessions set payload = jsonb_set(payload, '{loginTs}', to_jsonb(1)) where payload ->> 'accountId' = $1`,
      [person.id],
    );
    expect(await listOf(await signedIn(person))).toHaveLength(1);
  });

  it('costs no write for each request', async () => {
    const person = await setting.person();
    const browser = await signedIn(person);
    const [{ uid } = { uid: '' }] = await listOf(browser);
    const version = async () =>
      (await db.query('select xmin::text from session_uses where uid = $1', [uid]))[0];
    const before = await version();
    expect(before).toBeDefined();
    for (let n = 0; n < 5; n++) await home(browser);
    // What is noted is written later, all at once.
    expect(await version()).toEqual(before);
  });
});

describe('signing out from afar', () => {
  it('ends that one at its next request on every process, and for apps', async () => {
    const person = await setting.person();
    const client = await setting.client();
    const [here, there] = [await signedIn(person), openBrowser()];
    await setting.tokens(client, person, { browser: there });
    const cookie = there.cookiesFor(auth.url).join('; ');
    const elsewhere = () => fetch(`${second.url}/account`, { headers: { cookie }, redirect: 'manual' });
    expect([await home(there), (await elsewhere()).status]).toEqual([200, 200]);

    const own = (await listOf(here)).find(({ text }) => text.includes('this browser'))?.uid;
    const uid = (await listOf(here)).find((each) => each.uid !== own)?.uid ?? '';
    const done = await act(here, 'end', [['session', uid]]);
    expect(done.headers.get('location')).toBe('/account/sessions?done=signedOut');
    expect([await home(there), (await elsewhere()).status, await home(here)]).toEqual([303, 303, 200]);
    const silent = await there.fetch(setting.authorizeUrl(client, { prompt: 'none' }));
    expect(silent.headers.get('location')).toContain('error=login_required');
    expect(await listOf(here)).toHaveLength(1);
    await signedIn(person, there);
    expect(await home(there)).toBe(200);
  });

  it('holds though a request of that session is under way and saves it afterwards', async () => {
    const person = await setting.person();
    const [here, there] = [await signedIn(person), await signedIn(person)];
    const [{ uid } = { uid: '' }] = (await listOf(there)).filter(({ text }) => text.includes('this browser'));
    const found = await findOidcStateByUid<object>(db, oidcTables.Session, uid);
    await act(here, 'end', [['session', uid]]);
    const { id = '', payload = {} } = found ?? {};
    const saved = { id, payload, uid, grantId: null, expiresInSeconds: 3_600 };
    await upsertOidcState(db, oidcTables.Session, saved);
    expect(await home(there)).toBe(303);
  });

  it('ends this one, or all others, or all', async () => {
    const person = await setting.person();
    const browsers = [await signedIn(person), await signedIn(person), await signedIn(person)] as const;
    const [one, two, three] = browsers;
    const states = () => Promise.all(browsers.map(home));
    const own = (await listOf(three)).find(({ text }) => text.includes('this browser'))?.uid ?? '';
    expect((await act(three, 'end', [['session', own]])).headers.get('location')).toBe('/sign-in');
    expect(await states()).toEqual([200, 200, 303]);
    await signedIn(person, three);
    const others = await act(one, 'end-others');
    expect(others.headers.get('location')).toBe('/account/sessions?done=othersSignedOut');
    expect(await states()).toEqual([200, 303, 303]);
    await signedIn(person, two);
    expect((await act(two, 'end-all')).headers.get('location')).toBe('/sign-in');
    expect(await states()).toEqual([303, 303, 303]);
  });

  it('ends nobody else’s', async () => {
    const [person, other] = [await setting.person(), await setting.person()];
    const [mine, theirs] = [await signedIn(person), await signedIn(other)];
    const [{ uid } = { uid: '' }] = await listOf(theirs);
    for (const value of [uid, '', 'x']) await act(mine, 'end', [['session', value]]);
    await act(mine, 'end-others');
    expect([await home(theirs), await home(mine)]).toEqual([200, 200]);
  });

  it('tells the apps that want to hear of it', async () => {
    const person = await setting.person();
    const client = await setting.client({ backchannelLogoutUri: 'https://app.example.com/logout' });
    const there = openBrowser();
    await setting.tokens(client, person, { browser: there, scope: 'openid devices:read' });
    await act(await signedIn(person), 'end-others');
    const jobs = await db.query(`select j.data from pgboss.job j where j.name = 'backchannel-logout'`);
    expect(jobs).toEqual([{ data: { clientId: client.id, userId: person.id, sid: expect.any(String) } }]);
  });
});

it('uses of sessions that have long ended are deleted', async () => {
  const browser = await signedIn(await setting.person());
  const [{ uid } = { uid: '' }] = await listOf(browser);
  await db.query(
    `insert into session_uses values ('old', '', '', now() - interval '32 days'), ('young', '', '', now() - interval '30 days')`,
  );
  expect((await cleanUp(db, { requestLogDays: 90 })).session_uses).toBe(1);
  const left = await db.query<{ uid: string }>(
    'select uid from session_uses where uid = any($1) order by 1',
    [['old', 'young', uid]],
  );
  expect(left.map((row) => row.uid).sort()).toEqual(['young', uid].sort());
});

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { updateOrganization } from '#store';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { createSettingOn, joinOrganization, type Person, product } from '../auth/fixtures.ts';
import { accountMailsTo } from '../support/account-mails.ts';
import { entriesOf } from '../support/audit.ts';
import { callAs, field } from '../support/call.ts';
import { createKey } from '../support/fixtures.ts';
import { type Browser, openBrowser, textOf } from '../support/sign-in.ts';
import { startApi } from '../support/start-api.ts';
import { startAuth } from '../support/start-auth.ts';
import { createTestDatabase } from '../support/test-database.ts';

// What the operator's command does to accounts, at two servers of each kind on one database.
const db = await createTestDatabase();
const encryptionKey = randomBytes(32).toString('hex');
const port = await freePort();
const apiUrl = `http://127.0.0.1:${port}`;
const auth = await startAuth({ db, product, apiUrl, encryptionKey });
const twin = await startAuth({ db, product, apiUrl, encryptionKey, authUrl: auth.url });
const common = { db, product, encryptionKey, authUrl: auth.url };
const apis = [await startApi({ ...common, port }), await startApi({ ...common, apiUrl })];
const setting = await createSettingOn(db, auth);

const env = {
  ...process.env,
  DATABASE_URL: db.url,
  ENCRYPTION_KEY: encryptionKey,
  AUTH_URL: 'https://auth.example.com',
};
const users = async (command: string, email: string): Promise<unknown> => {
  const parameters = ['apps/cli/src/main.ts', 'users', command, '--email', email];
  return JSON.parse((await promisify(execFile)(process.execPath, parameters, { env })).stdout);
};

const send = (browser: Browser, path: string, fields: Record<string, string>) =>
  browser.fetch(auth.url + path, { method: 'POST', body: new URLSearchParams(fields) });
const signIn = (browser: Browser, { email, password }: Person) =>
  send(browser, '/sign-in', { email, password });

/** A person with a browser, an app and a key. */
async function personWithAll() {
  const person = await setting.person();
  const browser = openBrowser();
  const client = await setting.client();
  const tokens = await setting.tokens(client, person, { browser });
  const key = await createKey(db, product, setting.organizationId, ['admin'], { createdBy: person.id });
  return {
    person,
    browser,
    client,
    tokens,
    key,
    /** Where the browser is signed in, of the two servers. Both cookies are for the same host. */
    async signedIn() {
      const cookie = browser.cookiesFor(auth.url).join('; ');
      const pages = [auth, twin].map(({ url }) =>
        fetch(`${url}/account`, { headers: { cookie }, redirect: 'manual' }),
      );
      return (await Promise.all(pages)).map(({ status }) => status === 200);
    },
    callAll: (credential: string) =>
      Promise.all(apis.map(async ({ url }) => (await callAs(credential, `${url}/devices`)).status)),
  };
}

const mailsTo = async ({ email }: Person) =>
  (await accountMailsTo(db, encryptionKey, email)).filter(({ about }) => about.kind !== 'new_sign_in');
const entriesAbout = async ({ id }: Person, organizationId = setting.organizationId) =>
  (await entriesOf(db, organizationId))
    .filter(({ actorType, targetId }) => actorType === 'operator' && targetId === id)
    .map(({ action, before, after }) => [action, before, after]);

describe('a disabled person', () => {
  it('is out at the next request of each server, gets no hint at the sign-in, and can be enabled', async () => {
    const { person, browser, client, tokens, signedIn, callAll } = await personWithAll();
    const second = await joinOrganization(db, person, 'Northwind', 'viewer');
    expect([await signedIn(), await callAll(tokens.access_token)]).toEqual([
      [true, true],
      [200, 200],
    ]);

    const facts = { id: person.id, email: person.email };
    expect(await users('disable', person.email.toUpperCase())).toEqual({ ...facts, disabled: true });
    expect([await signedIn(), await callAll(tokens.access_token)]).toEqual([
      [false, false],
      [401, 401],
    ]);
    const refused = await setting.refresh(client, tokens.refresh_token);
    expect([refused.status, refused.error]).toEqual([400, 'invalid_grant']);
    const about = await setting.post('/oauth/introspect', client, { token: tokens.access_token });
    expect(await about.json()).toEqual({ active: false });

    const [right, wrong] = [
      await signIn(browser, person),
      await signIn(browser, { ...person, password: 'wrong' }),
    ];
    expect([right.status, textOf(await right.text())]).toEqual([wrong.status, textOf(await wrong.text())]);
    expect(right.status).toBe(422);
    expect(await signedIn()).toEqual([false, false]);
    await send(openBrowser(), '/reset', { email: person.email });
    const told = {
      to: person.email,
      language: 'en',
      about: { kind: 'account_disabled', data: {} },
      link: null,
    };
    expect(await mailsTo(person)).toEqual([told, told]);

    expect(await users('enable', person.email)).toEqual({ ...facts, disabled: false });
    expect(await signedIn()).toEqual([false, false]);
    expect((await signIn(browser, person)).status).toBe(303);
    expect([await signedIn(), await callAll(tokens.access_token)]).toEqual([
      [true, true],
      [401, 401],
    ]);
    expect((await mailsTo(person)).at(-1)).toMatchObject({
      about: { kind: 'account_enabled' },
      link: 'https://auth.example.com/sign-in',
    });
    for (const organizationId of [setting.organizationId, second]) {
      expect(await entriesAbout(person, organizationId)).toEqual([
        ['user.disabled', '{"disabled":false}', '{"disabled":true}'],
        ['user.enabled', '{"disabled":true}', '{"disabled":false}'],
      ]);
    }
  });

  it('leaves keys as a removed member does: they go on, or stop where the organization wants that', async () => {
    const { person, key, callAll } = await personWithAll();
    const reader = await createKey(db, product, setting.organizationId, ['admin']);
    const makerRemoved = async () =>
      field((await callAs(reader.key, `${apis[0]?.url}/api-keys/${key.id}`)).body, 'maker_removed');
    const removedMember = (removedMemberKeys: 'keep' | 'stop') =>
      updateOrganization(db, setting.organizationId, {
        name: 'Acme',
        allowedIps: [],
        removedMemberKeys,
        leakedKeys: 'pause',
        appPolicy: 'allowed',
        requireSecondFactor: false,
      });
    expect(await makerRemoved()).toBe(false);
    await users('disable', person.email);
    expect([await makerRemoved(), await callAll(key.key)]).toEqual([true, [200, 200]]);
    await removedMember('stop');
    expect([await callAll(key.key), await callAll(reader.key)]).toEqual([
      [401, 401],
      [200, 200],
    ]);
    await users('enable', person.email);
    expect([await makerRemoved(), await callAll(key.key)]).toEqual([false, [200, 200]]);
    await removedMember('keep');
  });
});

describe('a sign-out by the operator', () => {
  it('ends the sign-ins in all browsers at the next request of each server, and no app’s access', async () => {
    const { person, signedIn, tokens, callAll, client } = await personWithAll();
    const other = openBrowser();
    await signIn(other, person);
    expect(await users('sign-out', person.email)).toEqual({ id: person.id, email: person.email, ended: 2 });
    expect(await signedIn()).toEqual([false, false]);
    expect((await other.fetch(`${auth.url}/account`)).status).toBe(303);
    expect(await callAll(tokens.access_token)).toEqual([200, 200]);
    expect((await setting.refresh(client, tokens.refresh_token)).status).toBe(200);
    expect((await signIn(other, person)).status).toBe(303);
    expect(await entriesAbout(person)).toEqual([['user.signed_out', '{"sessions":2}', '{"sessions":0}']]);
  });
});

describe('a password that the operator resets', () => {
  it('is good no more at once, and the person alone gets the link to choose another', async () => {
    const { person, signedIn, tokens, callAll, browser } = await personWithAll();
    const printed = await users('reset-password', person.email);
    expect(printed).toEqual({ id: person.id, email: person.email, link_hours: 24 });
    expect([await signedIn(), await callAll(tokens.access_token)]).toEqual([
      [false, false],
      [401, 401],
    ]);
    expect((await signIn(browser, person)).status).toBe(422);

    const [mail, ...more] = await mailsTo(person);
    expect([mail?.about, more]).toEqual([{ kind: 'password_reset', data: { hours: 24 } }, []]);
    const link = new URL(mail?.link ?? '');
    expect([link.origin, link.pathname]).toEqual(['https://auth.example.com', '/reset/choose']);
    const password = 'another horse battery';
    expect((await send(browser, link.pathname + link.search, { password })).status).toBe(200);
    expect((await send(browser, link.pathname + link.search, { password })).status).toBe(410);
    expect((await signIn(browser, { ...person, password })).status).toBe(303);
    expect(await entriesAbout(person)).toEqual([
      ['user.password_reset', '{"password":true}', '{"password":false}'],
    ]);
  });
});

it('what can’t be done says why, and changes nothing', async () => {
  const person = await setting.person();
  await users('disable', person.email);
  for (const [command, email, why] of [
    ['disable', person.email, 'is disabled already'],
    ['reset-password', person.email, 'is disabled: enable it first'],
    ['sign-out', 'nobody@example.com', 'nobody has the address'],
    ['enable', (await setting.person()).email, 'is not disabled'],
  ] as const) {
    await expect(users(command, email)).rejects.toMatchObject({ stderr: expect.stringContaining(why) });
  }
  expect([(await mailsTo(person)).length, (await entriesAbout(person)).length]).toEqual([1, 1]);
});

import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { changePassword, createTakeBackToken, disableUser, signOutUser, takeBackPath } from '#store';
import { accountMailsTo } from '../support/account-mails.ts';
import { type Browser, openBrowser, submit } from '../support/sign-in.ts';
import { createSetting, type Person } from './fixtures.ts';

// Whatever ends somebody's sign-ins has the apps told that want to hear of it (OpenID Connect Back-Channel Logout 1.0).
const encryptionKey = randomBytes(32).toString('hex');
const setting = await createSetting({ encryptionKey });
const { db, auth } = setting;
const renewed = 'another horse battery';

const send = (browser: Browser, path: string, fields: Record<string, string> = {}) =>
  submit(browser, new URL(path, auth.url), Object.entries(fields));

const ends: [string, (person: Person) => Promise<unknown>][] = [
  [
    'a change of the password',
    async ({ email, password }) => {
      const browser = openBrowser();
      await send(browser, '/sign-in', { email, password });
      const fields = { password, new_password: renewed };
      expect((await send(browser, '/account/password', fields)).status).toBe(303);
    },
  ],
  [
    'a reset',
    async ({ email }) => {
      await send(openBrowser(), '/reset', { email });
      const mails = await accountMailsTo(db, encryptionKey, email);
      const link = mails.find(({ about }) => about.kind === 'reset_password')?.link ?? '';
      expect((await send(openBrowser(), link, { password: renewed })).status).toBe(200);
    },
  ],
  [
    'taking the account back',
    async (person) => {
      const path = takeBackPath(await createTakeBackToken(db, person));
      expect((await send(openBrowser(), path)).status).toBe(303);
    },
  ],
  [
    'the operator’s reset of the password',
    ({ id }) => db.transaction((tx) => changePassword(tx, id, null, 'password_reset')),
  ],
  ['the operator’s sign-out', ({ id }) => db.transaction((tx) => signOutUser(tx, id))],
  ['the operator’s disabling', ({ id }) => db.transaction((tx) => disableUser(tx, id))],
];

it.each(ends)('%s tells each app by the name that it knows the session by', async (_what, end) => {
  const person = await setting.person();
  const client = await setting.client({ backchannelLogoutUri: 'https://app.example.com/logout' });
  const silent = await setting.client();
  const told: unknown[] = [];
  for (const browser of [openBrowser(), openBrowser()]) {
    await setting.tokens(silent, person, { browser });
    const { id_token } = await setting.tokens(client, person, { browser, scope: 'openid devices:read' });
    told.push({ clientId: client.id, userId: person.id, sid: decodeJwt(id_token).sid });
  }
  await end(person);
  const jobs = await db.query<{ data: unknown }>(
    `select j.data from pgboss.job j where j.name = 'backchannel-logout' and j.data ->> 'userId' = $1`,
    [person.id],
  );
  expect(jobs).toHaveLength(2);
  expect(jobs.map(({ data }) => data)).toEqual(expect.arrayContaining(told));
});

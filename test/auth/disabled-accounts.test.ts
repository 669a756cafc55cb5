import { expect, it } from '@jest/globals';
import {
  claimUser,
  createResetToken,
  disableUser,
  enableUser,
  findOrInsertUser,
  listMemberEmails,
  newId,
  resetPath,
} from '#store';
import { softwareAuthenticator } from '../support/authenticator.ts';
import { openBrowser } from '../support/sign-in.ts';
import { createFactorSetting, fieldOf } from './factor-fixtures.ts';
import type { Person } from './fixtures.ts';

// The ways into an account that are closed while the operator has disabled it; the password's is in test/end-to-end.
const setting = await createFactorSetting({ hostname: 'localhost' });
const { auth, db, open, send, withPassword, newCode, isSignedIn } = setting;
const disable = ({ id }: Person) => db.transaction((tx) => disableUser(tx, id));

it('a second step that was reached before comes to nothing, also after the account is enabled again', async () => {
  const person = await setting.personWithTotp();
  const { browser, location } = await withPassword(person);
  const step = async () => send(browser, location ?? '', { way: 'totp', code: await newCode(person) });
  await disable(person);
  expect((await step()).headers.get('location')).toBe('/sign-in');
  const { answer } = await withPassword(person);
  expect(answer.status).toBe(422);
  await enableUser(db, person.id);
  expect((await step()).headers.get('location')).toBe('/sign-in');
  expect(await isSignedIn(browser)).toBe(false);
});

it('no session is good, whenever it began', async () => {
  const person = await setting.person();
  const { browser } = await withPassword(person);
  await disable(person);
  // As if nothing else had ended it.
  await db.query(`update users set sessions_from = '2000-01-01Z' where id = $1`, [person.id]);
  await db.query(`update oidc_sessions set consumed_at = null where payload ->> 'accountId' = $1`, [
    person.id,
  ]);
  const client = await setting.client();
  const silent = async () => {
    const answer = await browser.fetch(setting.authorizeUrl(client, { prompt: 'none' }));
    return new URL(answer.headers.get('location') ?? '').searchParams.get('error');
  };
  expect([await isSignedIn(browser), await silent()]).toEqual([false, 'login_required']);
  await enableUser(db, person.id);
  expect([await isSignedIn(browser), await silent()]).toEqual([true, 'consent_required']);
});

it('a passkey alone signs nobody in', async () => {
  const person = await setting.person();
  const key = softwareAuthenticator(auth.url);
  const { browser: owner } = await withPassword(person);
  const options = fieldOf(await (await open(owner, '/account/two-step/passkey')).text(), 'data-options');
  await send(owner, '/account/two-step/passkey', { name: 'Laptop', credential: key.create(options) });
  const signIn = async () => {
    const browser = openBrowser();
    const asked = fieldOf(await (await open(browser, '/sign-in')).text(), 'data-options');
    const { status } = await send(browser, '/sign-in/passkey', { credential: key.get(asked) });
    return [status, await isSignedIn(browser)];
  };
  expect(await signIn()).toEqual([303, true]);
  await disable(person);
  expect(await signIn()).toEqual([422, false]);
});

it('a link for a new password from before does nothing', async () => {
  const person = await setting.person();
  const token = await createResetToken(db, { userId: person.id, email: person.email, minutes: 30 });
  expect((await open(openBrowser(), resetPath(token))).status).toBe(200);
  await disable(person);
  expect((await open(openBrowser(), resetPath(token))).status).toBe(410);
  await enableUser(db, person.id);
  expect((await open(openBrowser(), resetPath(token))).status).toBe(410);
});

it('an invitation gives no first password', async () => {
  const email = `${newId('u')}@example.com`;
  const member = await findOrInsertUser(db, { email, name: 'Example', passwordHash: null });
  await db.transaction((tx) => disableUser(tx, member.id));
  expect(await claimUser(db, { email, name: 'Example', passwordHash: 'x' })).toBeNull();
  await enableUser(db, member.id);
  expect((await claimUser(db, { email, name: 'Example', passwordHash: 'x' }))?.id).toBe(member.id);
});

it('an authorization that is under way gets no grant', async () => {
  const person = await setting.person();
  const browser = openBrowser();
  const asked = await browser.fetch(setting.authorizeUrl(await setting.client()));
  const path = asked.headers.get('location') ?? '';
  const signedIn = await send(browser, `${path}/sign-in`, { ...person });
  await disable(person);
  const resumed = await open(browser, signedIn.headers.get('location') ?? '');
  expect(resumed.headers.get('location')).toMatch(/^\/interaction\//);
  const page = await (await open(browser, resumed.headers.get('location') ?? '')).text();
  expect(page).toContain('name="password"');
});

it('mails about an organization don’t go to a disabled member', async () => {
  const [person, other] = [await setting.person('admin'), await setting.person('admin')];
  await disable(person);
  const people = { roles: ['admin'], userId: person.id } as const;
  const emails = await listMemberEmails(db, setting.organizationId, people);
  expect([emails.includes(person.email), emails.includes(other.email)]).toEqual([false, true]);
});

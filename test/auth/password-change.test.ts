import { expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { hashPassword } from '#crypto';
import { changePassword, findAccessTokenCredential } from '#store';
import {
  authorize,
  credentialsOf,
  follow,
  type Landing,
  openBrowser,
  submit,
  textOf,
} from '../support/sign-in.ts';
import { createSetting, type Person, type TokenAnswer } from './fixtures.ts';

const setting = await createSetting();
const { db } = setting;
const newPassword = 'another horse battery';
const newHash = await hashPassword(newPassword);

const change = ({ id }: Person) => db.transaction((tx) => changePassword(tx, id, newHash));

async function isLive({ access_token }: TokenAnswer): Promise<boolean> {
  const { grant_id, jti } = decodeJwt(access_token);
  return (await findAccessTokenCredential(db, String(grant_id), String(jti))) !== null;
}

it('a changed password ends all grants of its user, and nobody else’s', async () => {
  const client = await setting.client();
  const [person, other] = [await setting.person(), await setting.person()];
  const devices = [await setting.tokens(client, person), await setting.tokens(client, person)];
  const others = await setting.tokens(client, other);
  await change(person);
  for (const tokens of devices) {
    expect(await isLive(tokens)).toBe(false);
    expect(await setting.refresh(client, tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' });
  }
  expect(await isLive(others)).toBe(true);
  expect(await setting.refresh(client, others.refresh_token)).toMatchObject({ status: 200 });
});

it('a changed password ends all sessions, and the new one signs in at once, again and again', async () => {
  const client = await setting.client();
  const person = await setting.person();
  const browser = openBrowser();
  await setting.tokens(client, person, { browser });
  await change(person);
  // The session would have needed no password; now the former one does not help.
  await expect(setting.tokens(client, person, { browser })).rejects.toThrow(/don’t match/);
  const renewed = { ...person, password: newPassword };
  const tokens = await setting.tokens(client, renewed, { browser });
  expect(await isLive(tokens)).toBe(true);
  const silent = await authorize(setting.authorizeUrl(client, { prompt: 'none' }), renewed, { browser });
  expect(silent.searchParams.get('error')).toBeNull();
  expect(silent.searchParams.get('code')).toEqual(expect.any(String));
});

it('a sign-in with the former password that is under way comes to nothing', async () => {
  const client = await setting.client();
  const person = await setting.person();
  const browser = openBrowser();
  const { auth } = setting;
  const signInPage = await follow(browser, await browser.fetch(setting.authorizeUrl(client)));
  const send = async ({ form }: Landing, fields = form?.fields ?? []) =>
    follow(browser, await submit(browser, new URL(form?.action ?? '', auth.url), fields));
  const consentPage = await send(signInPage, credentialsOf(person));
  expect(consentPage.form?.action).toMatch(/consent$/);
  await change(person);
  const after = await send(consentPage);
  expect([after.status, after.form, textOf(after.html)]).toEqual([
    400,
    null,
    expect.stringContaining('Go back to the app and start again'),
  ]);
});

it('no grant slips through while the password is changed', async () => {
  const client = await setting.client();
  const person = await setting.person();
  const browsers = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const browser = openBrowser();
      await setting.tokens(client, person, { browser });
      return browser;
    }),
  );
  const flows = browsers.map((browser) => setting.tokens(client, person, { browser }).catch(() => null));
  await change(person);
  for (const tokens of await Promise.all(flows)) {
    if (tokens?.status === 200) expect(await isLive(tokens)).toBe(false);
  }
});

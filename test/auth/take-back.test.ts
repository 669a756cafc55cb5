import { describe, expect, it } from '@jest/globals';
import { countRecoveryCodes, findTotpFactor, findUser, listPasskeys, newId } from '#store';
import { accountMailsTo } from '../support/account-mails.ts';
import { type Authenticator, softwareAuthenticator } from '../support/authenticator.ts';
import { type Browser, openBrowser, textOf } from '../support/sign-in.ts';
import { createFactorSetting, fieldOf } from './factor-fixtures.ts';
import type { Person } from './fixtures.ts';

const setting = await createFactorSetting({
  hostname: 'localhost',
  mailLimits: { address: { max: 1_000, seconds: 60 }, recipient: { max: 3, seconds: 60 } },
});
const { auth, db, open, send, withPassword, isSignedIn, newCode, encryptionKey } = setting;
const renewed = 'another horse battery';
const area = '/account/two-step';

const newEmail = () => `${newId('u')}@example.com`;

/** The link of the newest mail of a kind to an address. */
async function linkTo(email: string, kind: string): Promise<string> {
  const mails = await accountMailsTo(db, encryptionKey, email);
  return mails.filter(({ about }) => about.kind === kind).at(-1)?.link ?? '';
}

async function changesAddress(browser: Browser, email: string): Promise<void> {
  expect((await send(browser, '/account/email', { email })).status).toBe(200);
  expect((await send(browser, await linkTo(email, 'verify_email'), {})).status).toBe(303);
}

async function addsPasskey(browser: Browser): Promise<Authenticator> {
  const key = softwareAuthenticator(auth.url);
  const options = fieldOf(await (await open(browser, `${area}/passkey`)).text(), 'data-options');
  const answer = await send(browser, `${area}/passkey`, { name: 'Laptop', credential: key.create(options) });
  expect(answer.status).toBeLessThan(400);
  return key;
}

/** The answer to a passkey alone. */
async function signInBy(key: Authenticator): Promise<number> {
  const browser = openBrowser();
  const options = fieldOf(await (await open(browser, '/sign-in')).text(), 'data-options');
  return (await send(browser, '/sign-in/passkey', { credential: key.get(options) })).status;
}

/** Uses the link of a mail and chooses a new password. */
async function takesBack(link: string): Promise<void> {
  const owner = openBrowser();
  const choose = (await send(owner, link, {})).headers.get('location') ?? '';
  expect(choose).toMatch(/^\/reset\/choose\?token=/);
  expect((await send(owner, choose, { password: renewed })).status).toBe(200);
}

/** Where the password alone leads to. */
const leadsTo = async (person: Person) =>
  (await withPassword({ ...person, password: renewed })).location ?? '';

describe('taking an account back by the former address', () => {
  /** A thief who knows the password changes the address twice. */
  async function takeOver(person: Person) {
    const { browser: thief } = await withPassword(person);
    const [first, second] = [newEmail(), newEmail()];
    await changesAddress(thief, first);
    await changesAddress(thief, second);
    const [mine, theirs] = [
      await linkTo(person.email, 'email_changed'),
      await linkTo(first, 'email_changed'),
    ];
    return { thief, second, mine, theirs };
  }

  it('brings the address back, ends every sign-in and the password, and leads to a new one', async () => {
    const person = await setting.person();
    const client = await setting.client();
    const tokens = await setting.tokens(client, person);
    const { thief, second, mine, theirs } = await takeOver(person);
    const owner = openBrowser();
    expect(textOf(await (await open(owner, mine)).text())).toContain(`belongs to ${person.email} again`);
    const done = await send(owner, mine, {});
    const choose = done.headers.get('location') ?? '';
    expect(choose).toMatch(/^\/reset\/choose\?token=/);
    expect(await findUser(db, person.id)).toMatchObject({ email: person.email, passwordHash: null });
    expect(await isSignedIn(thief)).toBe(false);
    expect(await setting.refresh(client, tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' });
    // Neither the former password nor the link that the thief got leads back.
    for (const email of [person.email, second]) {
      expect((await withPassword({ ...person, email })).answer.status).toBe(422);
    }
    expect((await send(thief, theirs, {})).status).toBe(410);
    expect((await send(owner, choose, { password: renewed })).status).toBe(200);
    expect(await leadsTo(person)).toBe('/account');
  });

  it('works after the thief has used a later link, too, and once alone', async () => {
    const person = await setting.person();
    const { thief, mine, theirs } = await takeOver(person);
    expect((await send(thief, theirs, {})).status).toBe(303);
    expect((await send(openBrowser(), mine, {})).status).toBe(303);
    expect(await findUser(db, person.id)).toMatchObject({ email: person.email });
    expect((await send(openBrowser(), mine, {})).status).toBe(410);
  });

  it('is not possible after 7 days', async () => {
    const person = await setting.person();
    const { mine } = await takeOver(person);
    const [row] = await db.query<{ days: number }>(
      `select max(extract(epoch from t.expires_at - now()) / 86400)::float8 as days from account_tokens t
       where t.user_id = $1 and t.purpose = 'take_back'`,
      [person.id],
    );
    expect(row?.days).toBeCloseTo(7, 1);
    await db.query(`update account_tokens set expires_at = now() where user_id = $1`, [person.id]);
    expect((await send(openBrowser(), mine, {})).status).toBe(410);
  });

  it('removes the second factors that came since, with their recovery codes', async () => {
    const person = await setting.person();
    const { browser: thief } = await withPassword(person);
    const email = newEmail();
    await changesAddress(thief, email);
    const key = await addsPasskey(thief);
    expect(await signInBy(key)).toBe(303);
    const theirs = await linkTo(email, 'second_factor_added');
    await takesBack(await linkTo(person.email, 'email_changed'));
    expect(await signInBy(key)).toBe(422);
    expect(await leadsTo(person)).toBe('/account');
    expect(await countRecoveryCodes(db, person.id)).toBeNull();
    expect((await send(thief, theirs, {})).status).toBe(410);
  });

  it('leaves the factors from before, and no recovery codes when they were made anew', async () => {
    for (const codesAreNew of [false, true]) {
      const person = await setting.personWithTotp();
      const { browser: thief, location } = await withPassword(person);
      await send(thief, location ?? '', { way: 'totp', code: await newCode(person) });
      await changesAddress(thief, newEmail());
      await addsPasskey(thief);
      if (codesAreNew) await send(thief, `${area}/recovery-codes`, {});
      await takesBack(await linkTo(person.email, 'email_changed'));
      expect(await leadsTo(person)).toBe('/sign-in/second-factor');
      expect(await findTotpFactor(db, person.id)).not.toBeNull();
      expect(await listPasskeys(db, person.id)).toEqual([]);
      expect(await countRecoveryCodes(db, person.id)).toBe(codesAreNew ? null : 2);
    }
  });

  it('leaves no recovery codes when no factor is left', async () => {
    const person = await setting.personWithTotp();
    const { browser: thief, location } = await withPassword(person);
    await send(thief, location ?? '', { way: 'totp', code: await newCode(person) });
    await changesAddress(thief, newEmail());
    await addsPasskey(thief);
    await send(thief, `${area}/totp/remove`, {});
    await takesBack(await linkTo(person.email, 'email_changed'));
    expect(await leadsTo(person)).toBe('/account');
    expect(await countRecoveryCodes(db, person.id)).toBeNull();
  });
});

describe('taking an account back by the mail about a new factor', () => {
  it('removes it and those after it, ends every sign-in and the password, and leads to a new one', async () => {
    const person = await setting.person();
    const { browser: thief } = await withPassword(person);
    const first = await addsPasskey(thief);
    const link = await linkTo(person.email, 'second_factor_added');
    const second = await addsPasskey(thief);
    const page = textOf(await (await open(openBrowser(), link)).text());
    expect(page).toContain('second steps and recovery codes that were set up since then are removed');
    await takesBack(link);
    expect(await isSignedIn(thief)).toBe(false);
    expect([await signInBy(first), await signInBy(second)]).toEqual([422, 422]);
    expect(await leadsTo(person)).toBe('/account');
  });

  it('brings the address back, too, when that was changed since', async () => {
    const person = await setting.person();
    const { browser: thief } = await withPassword(person);
    await addsPasskey(thief);
    const link = await linkTo(person.email, 'second_factor_added');
    await changesAddress(thief, newEmail());
    await takesBack(link);
    expect(await findUser(db, person.id)).toMatchObject({ email: person.email });
    expect(await leadsTo(person)).toBe('/account');
  });
});

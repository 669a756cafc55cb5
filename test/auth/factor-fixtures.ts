import { randomBytes } from 'node:crypto';
import type { Role } from '#catalog';
import { makeTotpSecret, openBox, recoveryCodeHash, totpCode } from '#crypto';
import { insertTotpFactor, replaceRecoveryCodes } from '#store';
import { accountMailsTo } from '../support/account-mails.ts';
import { type Browser, openBrowser } from '../support/sign-in.ts';
import type { StartAuthOptions } from '../support/start-auth.ts';
import { createSetting, type Person } from './fixtures.ts';

/** A person with an authenticator app and two recovery codes. */
export interface PersonWithTotp extends Person {
  secret: string;
  recoveryCodes: readonly [string, string];
}

/** A setting in which people have second factors. */
export async function createFactorSetting(options: Partial<StartAuthOptions> = {}) {
  const encryptionKey = randomBytes(32).toString('hex');
  const setting = await createSetting({ encryptionKey, ...options });
  const { db, auth } = setting;
  const box = openBox(encryptionKey);

  const open = (browser: Browser, path: string) => browser.fetch(new URL(path, auth.url));
  const send = (browser: Browser, path: string, fields: Record<string, string>, headers = {}) =>
    browser.fetch(new URL(path, auth.url), { method: 'POST', body: new URLSearchParams(fields), headers });

  return {
    ...setting,
    encryptionKey,
    open,
    send,
    async personWithTotp(role?: Role): Promise<PersonWithTotp> {
      const person = await setting.person(role);
      const secret = makeTotpSecret();
      const sealed = box.seal(secret, `totp ${person.id}`);
      await insertTotpFactor(db, { userId: person.id, secret: sealed, step: 0 });
      const recoveryCodes = [`aaaa-bbbb-cccc-${person.id.slice(-4)}`, 'dddd-eeee-ffff-gggg'] as const;
      await replaceRecoveryCodes(db, person.id, recoveryCodes.map(recoveryCodeHash(encryptionKey)));
      return { ...person, secret, recoveryCodes };
    },
    /** The code that the app shows now, as if none had been used yet. */
    async newCode({ id, secret }: PersonWithTotp): Promise<string> {
      await db.query('update totp_factors set last_step = 0 where user_id = $1', [id]);
      return totpCode(secret);
    },
    /** The sign-in up to the answer to the password, in a new browser. */
    async withPassword({ email, password }: Person, query = '') {
      const browser = openBrowser();
      const answer = await send(browser, `/sign-in${query}`, { email, password });
      return { browser, answer, location: answer.headers.get('location') };
    },
    async isSignedIn(browser: Browser): Promise<boolean> {
      return (await open(browser, '/account')).status === 200;
    },
    /** What the account mails to somebody are about, without those about sign-ins. */
    async mailsTo({ email }: Person): Promise<unknown[]> {
      const mails = await accountMailsTo(db, encryptionKey, email);
      return mails.map(({ about }) => about).filter(({ kind }) => kind !== 'new_sign_in');
    },
  };
}

/** The value of a page's form field, or of any attribute of that name. */
export function fieldOf(page: string, name: string): string {
  const value =
    new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(page)?.[1] ??
    new RegExp(`${name}="([^"]*)"`).exec(page)?.[1];
  return (value ?? '').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

import { randomBytes } from 'node:crypto';
import { newId } from '#store';
import { accountMailsTo } from '../support/account-mails.ts';
import { type Browser, submit } from '../support/sign-in.ts';
import type { StartAuthOptions } from '../support/start-auth.ts';
import { createSetting } from './fixtures.ts';

/** A password to change to. */
export const renewed = 'another horse battery';

export const newEmail = () => `${newId('u')}@example.com`;

/** A setting in which people look after their accounts: one waits after two wrong passwords, and mails can be read. */
export async function createAccountSetting(options: Partial<StartAuthOptions> = {}) {
  const encryptionKey = randomBytes(32).toString('hex');
  const signInLimits = { address: { failures: 100, seconds: 60 }, account: { failures: 2, seconds: 60 } };
  const setting = await createSetting({ encryptionKey, signInLimits, ...options });
  const { auth, db } = setting;
  return {
    ...setting,
    mailsTo: (email: string) => accountMailsTo(db, encryptionKey, email),
    get: (browser: Browser, path: string) => browser.fetch(new URL(path, auth.url)),
    send: (browser: Browser, path: string, fields: Record<string, string> = {}) =>
      submit(browser, new URL(path, auth.url), Object.entries(fields)),
    /** 200 for who is signed in. */
    home: async (browser: Browser) => (await browser.fetch(`${auth.url}/account`)).status,
  };
}

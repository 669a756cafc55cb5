import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { evenMs } from '../../apps/auth/src/accounts/take-even-time.ts';
import { openBrowser } from '../support/sign-in.ts';
import { createSetting } from './fixtures.ts';

// How long an answer takes doesn't tell whether an address has an account: `npm run bench -- enumeration` measures it.
const encryptionKey = randomBytes(32).toString('hex');
const { auth, person } = await createSetting({ encryptionKey, signUp: true });

it.each(['/reset', '/sign-up', '/account/email'])(
  'the form %s, which mails, is not answered before its time, whether there is something to do or not',
  async (path) => {
    const [owner, other] = [await person(), await person()];
    const browser = openBrowser();
    const send = (to: string, fields: Record<string, string>) =>
      browser.fetch(auth.url + to, { method: 'POST', body: new URLSearchParams(fields) });
    await send('/sign-in', { ...owner });
    const early: unknown[] = [];
    // With an account, without one, and more often than mails go out.
    const addresses = [other.email, ...Array(4).fill(`nobody-${randomBytes(4).toString('hex')}@example.com`)];
    for (const email of addresses) {
      const sentAt = performance.now();
      const { status } = await send(path, { email });
      const tookMs = performance.now() - sentAt;
      // A timer may fire a part of a millisecond early.
      if (status !== 200 || tookMs < evenMs - 1) early.push([email, status, tookMs]);
    }
    expect(early).toEqual([]);
  },
);

import type { RequestHandler } from 'express';
import type { Store } from 'express-rate-limit';
import { hashSecret } from '#crypto';
import { clientNetwork } from '#http';
import { emailOf } from '../email.ts';
import { formOf } from '../form.ts';
import { messagesOf, readerOf } from '../language.ts';
import type { Pages } from '../pages.ts';
import { type FailureLimit, limitFailures } from './limit-failures.ts';

export interface SignInLimits {
  address: FailureLimit;
  account: FailureLimit;
}

export const defaultSignInLimits: SignInLimits = {
  address: { failures: 20, seconds: 5 * 60 },
  account: { failures: 10, seconds: 15 * 60 },
};

export interface SignInLimitOptions {
  pages: Pages;
  limits: SignInLimits;
  /** Where to count under a prefix. */
  store: (prefix: string) => Store;
}

/** Slows down who guesses passwords: from one address, and for one account, whether it exists or not. */
export function limitSignIns({ pages, limits, store }: SignInLimitOptions): RequestHandler[] {
  const limit = (name: keyof SignInLimits, key: Parameters<typeof limitFailures>[0]['key']) =>
    limitFailures({
      limit: limits[name],
      store: store(`sign-in:${name}:`),
      key,
      refuse: (_request, response, seconds) => {
        const { shared, signIn } = messagesOf(response);
        const { title, text, back } = signIn.paused;
        const link = { href: readerOf(response).page, text: back };
        pages.send(response, 429, 'message', { title, text: text(shared.wait(seconds)), facts: {}, link });
      },
    });
  return [
    limit('address', (request) => clientNetwork(request)),
    limit('account', (request) => hashSecret(emailOf(formOf(request)).toLowerCase()).toString('base64url')),
  ];
}

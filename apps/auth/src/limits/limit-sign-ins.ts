import type { RequestHandler } from 'express';
import type { Store } from 'express-rate-limit';
import { hashSecret } from '#crypto';
import { clientNetwork } from '#http';
import { formOf } from '../form.ts';
import { emailOf } from '../interaction/email.ts';
import type { Pages } from '../pages.ts';
import { type FailureLimit, inWords, limitFailures } from './limit-failures.ts';

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
      refuse: (request, response, seconds) =>
        pages.send(response, 429, 'message', {
          title: 'Too many attempts',
          text: `Sign-in is paused to keep accounts safe. Wait ${inWords(seconds)}, then try again with the right password.`,
          facts: {},
          link: { href: request.path.replace(/\/sign-in$/, ''), text: 'Back to sign-in' },
        }),
    });
  return [
    limit('address', (request) => clientNetwork(request)),
    limit('account', (request) => hashSecret(emailOf(formOf(request)).toLowerCase()).toString('base64url')),
  ];
}

import type { RequestHandler } from 'express';
import { rateLimit, type Store } from 'express-rate-limit';
import { hashSecret } from '#crypto';
import { clientNetwork } from '#http';
import { formOf } from '../form.ts';
import { emailOf } from '../interaction/email.ts';
import type { Pages } from '../pages.ts';
import { waitSeconds } from './wait-seconds.ts';

/** At most `failures` failed sign-ins in `seconds` seconds. */
export interface FailureLimit {
  failures: number;
  seconds: number;
}

export interface SignInLimits {
  address: FailureLimit;
  account: FailureLimit;
}

export const defaultSignInLimits: SignInLimits = {
  address: { failures: 20, seconds: 5 * 60 },
  account: { failures: 10, seconds: 15 * 60 },
};

/** Tells the limits, once the answer is known, that the sign-in failed. */
export const failedSignIn = 'failedSignIn';

export interface SignInLimitOptions {
  pages: Pages;
  limits: SignInLimits;
  /** Where to count under a prefix. */
  store: (prefix: string) => Store;
}

/**
 * Slows down who guesses passwords: from one address, and for one account, whether it exists or not. A request is
 * counted before its password is looked at and given back when it was right, so that guesses sent at once don't slip
 * through. Answers 429 with `Retry-After`.
 */
export function limitSignIns({ pages, limits, store }: SignInLimitOptions): RequestHandler[] {
  const limit = (name: keyof SignInLimits, key: (request: Parameters<RequestHandler>[0]) => string) =>
    rateLimit({
      windowMs: limits[name].seconds * 1000,
      limit: limits[name].failures,
      keyGenerator: key,
      store: store(`sign-in:${name}:`),
      skipSuccessfulRequests: true,
      requestWasSuccessful: (_request, response) => response.locals[failedSignIn] !== true,
      standardHeaders: false,
      legacyHeaders: false,
      validate: false,
      handler: (request, response) => {
        const seconds = waitSeconds(request, limits[name].seconds);
        response.setHeader('Retry-After', String(seconds));
        pages.send(response, 429, 'message', {
          title: 'Too many attempts',
          text: `Sign-in is paused to keep accounts safe. Wait ${inWords(seconds)}, then try again with the right password.`,
          facts: {},
          link: { href: request.path.replace(/\/sign-in$/, ''), text: 'Back to sign-in' },
        });
      },
    });
  return [
    limit('address', (request) => clientNetwork(request)),
    limit('account', (request) => hashSecret(emailOf(formOf(request)).toLowerCase()).toString('base64url')),
  ];
}

function inWords(seconds: number): string {
  if (seconds < 90) return seconds === 1 ? 'a second' : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

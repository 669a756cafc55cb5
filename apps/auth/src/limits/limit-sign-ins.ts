import type { Request, RequestHandler } from 'express';
import type { Store } from 'express-rate-limit';
import { hashSecret } from '#crypto';
import { clientNetwork } from '#http';
import type { KnownDevices } from '../accounts/known-devices.ts';
import { emailKey, emailOf } from '../email.ts';
import { formOf } from '../form.ts';
import { messagesOf } from '../language.ts';
import type { Pages } from '../pages.ts';
import { type FailureLimit, limitFailures } from './limit-failures.ts';
import { sendPaused } from './send-paused.ts';

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
  devices: KnownDevices;
  limits: SignInLimits;
  /** Where to count under a prefix. */
  store: (prefix: string) => Store;
}

/**
 * Slows down who guesses passwords: from one address, and for one account, whether it exists or not. A device that has signed in
 * to the account before is counted by itself and by nothing else, so that nobody can lock its owner out.
 */
export function limitSignIns({ pages, devices, limits, store }: SignInLimitOptions): RequestHandler[] {
  const emailIn = (request: Request) => emailKey(emailOf(formOf(request)));
  const deviceOf = (request: Request) => devices.nameOf(request, emailIn(request));
  const limit = (
    name: keyof SignInLimits,
    options: Pick<Parameters<typeof limitFailures>[0], 'key' | 'skip'>,
  ) =>
    limitFailures({
      limit: limits[name],
      store: store(`sign-in:${name}:`),
      ...options,
      refuse: (_request, response, seconds) =>
        sendPaused(pages, response, messagesOf(response).signIn.paused, seconds),
    });
  return [
    limit('address', { key: clientNetwork, skip: (request) => deviceOf(request) !== null }),
    limit('account', {
      key: (request) => hashSecret(deviceOf(request) ?? emailIn(request)).toString('base64url'),
    }),
  ];
}

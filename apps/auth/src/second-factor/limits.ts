import type { Request, RequestHandler, Response } from 'express';
import type { Store } from 'express-rate-limit';
import { clientNetwork } from '#http';
import { messagesOf } from '../language.ts';
import { type FailureLimit, limitFailures } from '../limits/limit-failures.ts';
import { sendPaused } from '../limits/send-paused.ts';
import type { Pages } from '../pages.ts';

/**
 * Wrong codes of one person, whose password was right (RFC 6238 §5.1 wants a limit). Of a million codes three are right at a
 * time: guesses at this pace find one in two years.
 */
export const defaultSecondFactorLimit: FailureLimit = { failures: 5, seconds: 15 * 60 };

/** Passkeys that are none, from one address: they can't be guessed, but each costs a signature's check. */
const passkeyLimit: FailureLimit = { failures: 20, seconds: 5 * 60 };

export interface SecondFactorLimits {
  /** Before the second step of a sign-in; `keyOf` tells under which name it is counted. */
  step(keyOf: (request: Request) => string): RequestHandler;
  passkey: RequestHandler;
}

export function limitSecondFactors({
  pages,
  limit,
  store,
}: {
  pages: Pages;
  limit: FailureLimit;
  store: (prefix: string) => Store;
}): SecondFactorLimits {
  const refuse = (_request: Request, response: Response, seconds: number) => {
    const { signIn, secondFactor } = messagesOf(response);
    sendPaused(pages, response, { ...signIn.paused, text: secondFactor.paused }, seconds);
  };
  const steps = store('second-factor:');
  return {
    step: (key) => limitFailures({ limit, store: steps, key, refuse }),
    passkey: limitFailures({ limit: passkeyLimit, store: store('passkey:'), key: clientNetwork, refuse }),
  };
}

import type { RequestHandler } from 'express';
import { rateLimit, type Store } from 'express-rate-limit';
import { clientNetwork } from '#http';
import { messagesOf } from '../language.ts';
import type { Pages } from '../pages.ts';
import { sendPaused } from './send-paused.ts';
import { waitSeconds } from './wait-seconds.ts';

export const defaultAuthorizationsPerMinute = 300;

/** The pages for which something is stored before anybody has signed in: a request of an app, or a session. */
export const authorizationPages: readonly string[] = ['/oauth/authorize', '/oauth/device', '/oauth/logout'];

/** Limits how often one network opens such pages. */
export function limitAuthorizations({
  pages,
  perMinute,
  store,
}: {
  pages: Pages;
  perMinute: number;
  store: Store;
}): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    keyGenerator: clientNetwork,
    store,
    standardHeaders: false,
    legacyHeaders: false,
    validate: false,
    handler: (request, response) =>
      sendPaused(pages, response, messagesOf(response).errors.paused, waitSeconds(request, 60)),
  });
}

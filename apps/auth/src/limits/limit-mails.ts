import type { RequestHandler } from 'express';
import { rateLimit, type Store } from 'express-rate-limit';
import { hashSecret } from '#crypto';
import { clientNetwork } from '#http';
import { emailKey, emailOf } from '../email.ts';
import { formOf } from '../form.ts';
import { messagesOf } from '../language.ts';
import type { Pages } from '../pages.ts';
import { sendPaused } from './send-paused.ts';
import { waitSeconds } from './wait-seconds.ts';

/** How many mails people can have sent: `max` in `seconds` seconds. */
export interface MailLimits {
  /** From one address of the network. */
  address: { max: number; seconds: number };
  /** To one e-mail address. */
  recipient: { max: number; seconds: number };
}

export const defaultMailLimits: MailLimits = {
  address: { max: 20, seconds: 15 * 60 },
  recipient: { max: 3, seconds: 15 * 60 },
};

const enough = new WeakSet<object>();

/**
 * Whether the e-mail address of the request's form gets one more mail. When not, the answer is what it always is: who asks in
 * another's name neither learns of it nor keeps the other from a mail, since the links of those before still work.
 */
export function mayMail(response: object): boolean {
  return !enough.has(response);
}

/** Limits the forms that send mails, whether there is an account or not. Refuses by address; for a recipient see {@link mayMail}. */
export function limitMails({
  pages,
  limits,
  store,
}: {
  pages: Pages;
  limits: MailLimits;
  /** Where to count under a prefix. */
  store: (prefix: string) => Store;
}): RequestHandler[] {
  const common = { standardHeaders: false, legacyHeaders: false, validate: false } as const;
  const { address, recipient } = limits;
  return [
    rateLimit({
      ...common,
      windowMs: address.seconds * 1000,
      limit: address.max,
      keyGenerator: clientNetwork,
      store: store('mails:address:'),
      handler: (request, response) =>
        sendPaused(
          pages,
          response,
          messagesOf(response).mailSent.paused,
          waitSeconds(request, address.seconds),
        ),
    }),
    rateLimit({
      ...common,
      windowMs: recipient.seconds * 1000,
      limit: recipient.max,
      keyGenerator: (request) => hashSecret(emailKey(emailOf(formOf(request)))).toString('base64url'),
      store: store('mails:recipient:'),
      handler: (_request, response, next) => {
        enough.add(response);
        next();
      },
    }),
  ];
}

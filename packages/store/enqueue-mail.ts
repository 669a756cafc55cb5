import type { AccountMail, Language, MailedEvent } from '#catalog';
import type { Box } from '#crypto';
import type { Queryable } from './database.ts';
import { enqueueJobs } from './job-queue.ts';
import { findUserByEmail } from './users.ts';

/** A message to one person about what happened in an organization, as it waits in the queue. */
export interface EventMail {
  to: string;
  organizationName: string;
  event: MailedEvent;
}

/** A message to one person about the own account, as it waits in the queue. */
export interface QueuedAccountMail {
  to: string;
  language: Language;
  about: AccountMail;
  /** The link of the message in base64, sealed: it may hold a token, and the queue keeps its rows for days. */
  sealedLink: string | null;
}

export type Mail = EventMail | QueuedAccountMail;

/** For which purpose the link of a message is sealed. */
export const mailLinkPurpose = 'mail link';

/** Queues a message to each address, in the transaction of the event: it is sent when that has committed, or never. */
export async function enqueueMail(
  tx: Queryable,
  addresses: readonly string[],
  about: Omit<EventMail, 'to'>,
): Promise<void> {
  const mails = addresses.map((to): Mail => ({ to, ...about }));
  if (mails.length > 0) await enqueueJobs(tx, 'mail', mails);
}

/**
 * Queues a message to one person about the own account, in the transaction of what it is about. It is in the language that the
 * person reads; `language` is for one of whom that isn't known.
 */
export async function enqueueAccountMail(
  tx: Queryable,
  box: Box,
  { to, language, about, link }: Omit<QueuedAccountMail, 'sealedLink'> & { link: string | null },
): Promise<void> {
  const sealedLink = link === null ? null : box.seal(link, mailLinkPurpose).toString('base64');
  const known = (await findUserByEmail(tx, to))?.language;
  const mail: QueuedAccountMail = { to, language: known ?? language, about, sealedLink };
  await enqueueJobs(tx, 'mail', [mail]);
}

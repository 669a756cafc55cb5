import type { MailedEvent } from '#catalog';
import type { Queryable } from './database.ts';
import { enqueueJobs } from './job-queue.ts';

/** A message to one person about what happened in an organization, as it waits in the queue. */
export interface Mail {
  to: string;
  organizationName: string;
  event: MailedEvent;
}

/** Queues a message to each address, in the transaction of the event: it is sent when that has committed, or never. */
export async function enqueueMail(
  tx: Queryable,
  addresses: readonly string[],
  about: Omit<Mail, 'to'>,
): Promise<void> {
  const mails = addresses.map((to): Mail => ({ to, ...about }));
  if (mails.length > 0) await enqueueJobs(tx, 'mail', mails);
}

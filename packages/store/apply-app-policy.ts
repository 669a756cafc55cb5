import type { AccountMail, Language } from '#catalog';
import { listConsentsNotAllowed, settleAppRequests } from './app-decisions.ts';
import { deleteConsent } from './consents.ts';
import type { Queryable } from './database.ts';
import type { Mail } from './enqueue-mail.ts';
import { enqueueJobs } from './job-queue.ts';

/**
 * What follows from an organization's policy and decisions about apps: consents to apps that may not be connected any
 * more are withdrawn, with all their grants, and requests that are decided now are answered by mail. Returns the consents.
 *
 * Call it in the transaction of each change of these, after `lockOrganization`: so no consent slips through beside it.
 */
export async function applyAppPolicy(
  tx: Queryable,
  organizationId: string,
  language: Language,
): Promise<string[]> {
  const ended = await listConsentsNotAllowed(tx, organizationId);
  for (const id of ended) await deleteConsent(tx, id, 'app_not_allowed');
  const mails = (await settleAppRequests(tx, organizationId)).map((settled): Mail => {
    const { email, clientName, organizationName, decision } = settled;
    const about: AccountMail = {
      kind: 'app_decided',
      data: { app: clientName, organization: organizationName, decision },
    };
    return { to: email, language: settled.language ?? language, about, sealedLink: null };
  });
  if (mails.length > 0) await enqueueJobs(tx, 'mail', mails);
  return ended;
}

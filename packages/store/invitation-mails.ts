import { type Language, Problem, type Role } from '#catalog';
import type { SendAccountMail } from './account-mailer.ts';
import { createAccountToken } from './account-tokens.ts';
import type { MemberManager } from './actor.ts';
import type { Queryable } from './database.ts';
import { invitationDays } from './invitations.ts';
import { findOrganization } from './organizations.ts';

const minute = 60;
const day = 86_400;

/** How many mails an organization sends in 24 hours, and one address gets in 15 minutes from whomever. */
const mailsPerDay = 100;
const mailsToOne = { count: 3, seconds: 15 * minute };

/** Who invites, and how the mail is written. */
export interface Inviter extends MemberManager {
  userId: string | null;
  name: string | null;
  language: Language;
  sendMail: SendAccountMail;
}

/**
 * Mails somebody the link by which to join an organization, once; `what` says of what the link is. Problem: `rate_limited`
 * when the organization has sent too many, or
 * the address has got too many.
 */
export async function sendInvitationMail(
  tx: Queryable,
  { organizationId, language, name: inviter, sendMail }: Inviter,
  { email, role }: { email: string; role: Role },
  what: { invitationId: string } | { memberId: string },
): Promise<void> {
  await requireFewMails(tx, organizationId, email);
  const organization = await findOrganization(tx, organizationId);
  const secret = await createAccountToken(tx, {
    purpose: 'invitation',
    userId: null,
    email,
    data: { ...what, organizationId },
    expiresInSeconds: invitationDays * day,
  });
  const data = { organization: organization?.name ?? '', inviter, role, days: invitationDays };
  const path = `/invitation?token=${secret}`;
  await sendMail(tx, { to: email, language, about: { kind: 'invitation', data }, path });
}

async function requireFewMails(tx: Queryable, organizationId: string, email: string): Promise<void> {
  // So that each of many at once sees those before it.
  await tx.query('select from organizations o where o.id = $1 for no key update', [organizationId]);
  const [sent] = await tx.query<{ byOrganization: number; toAddress: number }>(
    `select
       (select count(*)::integer from account_tokens t
        where t.purpose = 'invitation' and t.data ->> 'organizationId' = $1
          and t.created_at > now() - interval '1 day') as "byOrganization",
       (select count(*)::integer from account_tokens t
        where t.purpose = 'invitation' and lower(t.email) = lower($2)
          and t.created_at > now() - $3::integer * interval '1 second') as "toAddress"`,
    [organizationId, email, mailsToOne.seconds],
  );
  if (!sent) throw new Error('a count returned no row');
  if (sent.byOrganization >= mailsPerDay) {
    const detail = `An organization sends ${mailsPerDay} invitations in 24 hours.`;
    throw new Problem('rate_limited', detail, { retryAfterSeconds: 3_600, mend: 'Wait an hour or more.' });
  }
  if (sent.toAddress >= mailsToOne.count) {
    const detail = `An address gets ${mailsToOne.count} invitations in ${mailsToOne.seconds} seconds.`;
    const retryAfterSeconds = mailsToOne.seconds;
    throw new Problem('rate_limited', detail, { retryAfterSeconds, mend: 'Wait 15 minutes.' });
  }
}

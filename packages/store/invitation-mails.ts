import { type Language, Problem, type Role } from '#catalog';
import type { SendAccountMail } from './account-mailer.ts';
import { createAccountToken } from './account-tokens.ts';
import type { MemberManager } from './actor.ts';
import type { Queryable } from './database.ts';
import { invitationDays } from './invitations.ts';
import { findOrganization } from './organizations.ts';

const day = 86_400;
const mailsPerDay = 100;

/** Who invites, and how the mail is written. */
export interface Inviter extends MemberManager {
  userId: string | null;
  name: string | null;
  language: Language;
  sendMail: SendAccountMail;
}

/**
 * Mails somebody the link by which to join an organization, once; `what` says of what the link is. Problem: `rate_limited`
 * when the organization has sent too many.
 */
export async function sendInvitationMail(
  tx: Queryable,
  { organizationId, language, name: inviter, sendMail }: Inviter,
  { email, role }: { email: string; role: Role },
  what: { invitationId: string } | { memberId: string },
): Promise<void> {
  if ((await countInvitationMails(tx, organizationId)) >= mailsPerDay) {
    const detail = `An organization sends ${mailsPerDay} invitations in 24 hours.`;
    throw new Problem('rate_limited', detail, { retryAfterSeconds: 3_600, mend: 'Wait an hour or more.' });
  }
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

/** How many such mails an organization has sent in the last 24 hours. */
async function countInvitationMails(db: Queryable, organizationId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `select count(*)::integer as count from account_tokens t
     where t.purpose = 'invitation' and t.data ->> 'organizationId' = $1
       and t.created_at > now() - interval '1 day'`,
    [organizationId],
  );
  return row?.count ?? 0;
}

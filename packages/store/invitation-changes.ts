import { type Language, Problem, type Product, type Role, rolesWithin, wireTime } from '#catalog';
import type { SendAccountMail } from './account-mailer.ts';
import { consumeAccountToken, createAccountToken, findAccountToken } from './account-tokens.ts';
import type { Actor, MemberManager } from './actor.ts';
import { insertAuditEntry } from './audit.ts';
import type { Queryable } from './database.ts';
import {
  countInvitationMails,
  deleteInvitation,
  findInvitation,
  findOpenInvitation,
  type Invitation,
  insertInvitation,
  invitationDays,
  type OpenInvitation,
  renewInvitation,
} from './invitations.ts';
import { recordMember } from './member-changes.ts';
import { insertMember, listMembers, type Member } from './memberships.ts';
import { findOrganization } from './organizations.ts';
import type { User } from './users.ts';

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
 * Invites an address into an organization, by a mail with a link. The same happens whether it has an account or not.
 * Problems: `conflict` when it is a member's or has an invitation; `rate_limited`; what `requireRole` throws.
 */
export async function invite(
  tx: Queryable,
  by: Inviter,
  { email, role }: { email: string; role: Role },
): Promise<Invitation> {
  const { organizationId } = by;
  by.requireRole(role);
  const [member] = await listMembers(tx, organizationId, { limit: 1, cursor: null, role: null, email });
  if (member) throw new Problem('conflict', 'A member with this e-mail address exists already.');
  const invitation = await insertInvitation(tx, { organizationId, email, role, invitedBy: by.userId });
  if (!invitation) {
    throw new Problem('conflict', 'This e-mail address has an invitation already: send that one again.');
  }
  await sendInvitation(tx, by, invitation);
  await record(tx, by, 'invitation.created', null, invitation);
  return invitation;
}

/** Sends an invitation again, to last as long again. Problems: `not_found`, `rate_limited`; what `requireRole` throws. */
export async function resendInvitation(tx: Queryable, by: Inviter, id: string): Promise<Invitation> {
  const before = await requireInvitation(tx, by.organizationId, id);
  by.requireRole(before.role);
  const after = await renewInvitation(tx, id, by.userId);
  if (!after) throw gone(id);
  await sendInvitation(tx, by, after);
  await record(tx, by, 'invitation.resent', before, after);
  return after;
}

/** Takes an invitation back: its links lead nowhere then. Problems: `not_found`; what `requireRole` throws. */
export async function withdrawInvitation(tx: Queryable, by: MemberManager, id: string): Promise<void> {
  const before = await requireInvitation(tx, by.organizationId, id);
  by.requireRole(before.role);
  if (!(await deleteInvitation(tx, id))) throw gone(id);
  await record(tx, by, 'invitation.withdrawn', before, null);
}

/**
 * What a link invites to; null when it is unknown, used, expired or taken back, or its inviter could not invite so any more.
 */
export async function findInvitationOf(
  db: Queryable,
  product: Product,
  secret: string,
): Promise<OpenInvitation | null> {
  const token = await findAccountToken(db, 'invitation', secret);
  return token ? findStanding(db, product, token.data) : null;
}

/**
 * Makes a user a member by a link, once. Who is one already keeps the role. Problems: `not_found` for a link that is nothing
 * (any more), `conflict` when it was sent to another address than the user's.
 */
export async function acceptInvitation(
  tx: Queryable,
  product: Product,
  {
    secret,
    user,
    ...from
  }: { secret: string; user: Pick<User, 'id' | 'email' | 'name'> } & Pick<Actor, 'requestId' | 'ipAddress'>,
): Promise<{ organizationId: string; member: Member | null }> {
  const token = await consumeAccountToken(tx, 'invitation', secret);
  const invitation = token && (await findStanding(tx, product, token.data));
  if (!invitation || !(await deleteInvitation(tx, invitation.id))) throw gone('behind this link');
  if (invitation.email.toLowerCase() !== user.email.toLowerCase()) {
    throw new Problem('conflict', 'The invitation was sent to another e-mail address.');
  }
  const { organizationId, role } = invitation;
  const by: Actor = { organizationId, actorType: 'user', actorId: user.id, ...from };
  const member = await insertMember(tx, { organizationId, userId: user.id, role, name: user.name });
  await record(tx, by, 'invitation.accepted', invitation, null);
  if (member) await recordMember(tx, by, 'user.created', null, member);
  return { organizationId, member };
}

/** An invitation as the API shows it. */
export function invitationFacts(invitation: Invitation) {
  return {
    id: invitation.id,
    email: invitation.email,
    role: invitation.role,
    expires_at: wireTime(invitation.expiresAt),
    created_at: wireTime(invitation.createdAt),
    updated_at: wireTime(invitation.updatedAt),
  };
}

async function findStanding(
  db: Queryable,
  product: Product,
  { invitationId }: Record<string, unknown>,
): Promise<OpenInvitation | null> {
  const invitation = await findOpenInvitation(db, String(invitationId));
  if (!invitation || invitation.invitedBy === null) return invitation;
  const { inviterRole, role } = invitation;
  const stands = inviterRole !== null && rolesWithin(product, inviterRole).includes(role);
  return stands ? invitation : null;
}

async function sendInvitation(tx: Queryable, by: Inviter, { id, email, role }: Invitation): Promise<void> {
  const { organizationId, language, name: inviter } = by;
  if ((await countInvitationMails(tx, organizationId)) >= mailsPerDay) {
    const detail = `An organization sends ${mailsPerDay} invitations in 24 hours.`;
    throw new Problem('rate_limited', detail, { retryAfterSeconds: 3_600, mend: 'Wait an hour or more.' });
  }
  const organization = await findOrganization(tx, organizationId);
  const secret = await createAccountToken(tx, {
    purpose: 'invitation',
    userId: null,
    email,
    data: { invitationId: id, organizationId },
    expiresInSeconds: invitationDays * day,
  });
  const data = { organization: organization?.name ?? '', inviter, role, days: invitationDays };
  await by.sendMail(tx, {
    to: email,
    language,
    about: { kind: 'invitation', data },
    path: `/invitation?token=${secret}`,
  });
}

async function requireInvitation(tx: Queryable, organizationId: string, id: string): Promise<Invitation> {
  const invitation = await findInvitation(tx, organizationId, id);
  if (!invitation) throw gone(id);
  return invitation;
}

function gone(which: string): Problem {
  return new Problem('not_found', `no invitation ${which}`);
}

function record(
  tx: Queryable,
  { organizationId, actorType, actorId, requestId, ipAddress }: Actor,
  action: string,
  before: Invitation | null,
  after: Invitation | null,
): Promise<void> {
  return insertAuditEntry(tx, {
    ...{ organizationId, actorType, actorId, requestId, ipAddress },
    mode: 'live',
    action,
    targetType: 'invitation',
    targetId: (after ?? before)?.id ?? '',
    before: before && invitationFacts(before),
    after: after && invitationFacts(after),
  });
}

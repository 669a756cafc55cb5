import { Problem, type Product, type Role, rolesWithin, wireTime } from '#catalog';
import { type AccountToken, consumeAccountToken, findAccountToken } from './account-tokens.ts';
import type { Actor, MemberManager } from './actor.ts';
import { insertAuditEntry } from './audit.ts';
import type { Queryable } from './database.ts';
import { type Inviter, sendInvitationMail } from './invitation-mails.ts';
import {
  deleteInvitation,
  findInvitation,
  findOpenInvitation,
  type Invitation,
  insertInvitation,
  type OpenInvitation,
  renewInvitation,
} from './invitations.ts';
import { recordMember } from './member-changes.ts';
import { acceptMembership, findMember, insertMember, listMembers } from './memberships.ts';
import { findOrganization } from './organizations.ts';
import type { User } from './users.ts';

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
  await sendInvitationMail(tx, by, invitation, { invitationId: invitation.id });
  await record(tx, by, 'invitation.created', null, invitation);
  return invitation;
}

/** Sends an invitation again, to last as long again. Problems: `not_found`, `rate_limited`; what `requireRole` throws. */
export async function resendInvitation(tx: Queryable, by: Inviter, id: string): Promise<Invitation> {
  const before = await requireInvitation(tx, by.organizationId, id);
  by.requireRole(before.role);
  const after = await renewInvitation(tx, id, by.userId);
  if (!after) throw gone(id);
  await sendInvitationMail(tx, by, after, { invitationId: id });
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

/** What the link of a mail asks somebody into. */
export type Offer = Pick<OpenInvitation, 'organizationId' | 'organizationName' | 'email' | 'role'>;

/**
 * What a link offers; null when it is unknown, used, expired or taken back, or its inviter could not invite so any more.
 */
export async function findOffer(db: Queryable, product: Product, secret: string): Promise<Offer | null> {
  const token = await findAccountToken(db, 'invitation', secret);
  return token && ((await findStanding(db, product, token)) ?? findOfferedMembership(db, token));
}

/**
 * Makes a user a member by a link, once, and tells where. Who is one already keeps the role. Problems: `not_found` for a link that is nothing
 * (any more), `conflict` when it was sent to another address than the user's.
 */
export async function acceptOffer(
  tx: Queryable,
  product: Product,
  {
    secret,
    user,
    ...from
  }: { secret: string; user: Pick<User, 'id' | 'email' | 'name'> } & Pick<Actor, 'requestId' | 'ipAddress'>,
): Promise<{ organizationId: string }> {
  const token = await consumeAccountToken(tx, 'invitation', secret);
  if (!token) throw gone('behind this link');
  const invitation = await findStanding(tx, product, token);
  const offer = invitation ?? (await findOfferedMembership(tx, token));
  if (!offer || (invitation && !(await deleteInvitation(tx, invitation.id)))) throw gone('behind this link');
  if (offer.email.toLowerCase() !== user.email.toLowerCase()) {
    throw new Problem('conflict', 'The invitation was sent to another e-mail address.');
  }
  const { organizationId, role } = offer;
  const by: Actor = { organizationId, actorType: 'user', actorId: user.id, ...from };
  if (invitation) await record(tx, by, 'invitation.accepted', invitation, null);
  const accepted = await acceptMembership(tx, organizationId, user.id);
  if (accepted) {
    await recordMember(tx, by, 'user.updated', { ...accepted, accepted: false }, accepted);
    return { organizationId };
  }
  const member = await insertMember(tx, { organizationId, userId: user.id, role, name: user.name });
  if (member) await recordMember(tx, by, 'user.created', null, member);
  return { organizationId };
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

/** The invitation that a token is of. */
async function findStanding(
  db: Queryable,
  product: Product,
  { data: { invitationId } }: AccountToken,
): Promise<OpenInvitation | null> {
  const invitation = await findOpenInvitation(db, String(invitationId));
  if (!invitation || invitation.invitedBy === null) return invitation;
  const { inviterRole, role } = invitation;
  const stands = inviterRole !== null && rolesWithin(product, inviterRole).includes(role);
  return stands ? invitation : null;
}

/** The membership that a token is of, as long as it waits for the person, who still has that address. */
async function findOfferedMembership(
  db: Queryable,
  { email, data: { organizationId, memberId } }: AccountToken,
): Promise<Offer | null> {
  const member = await findMember(db, String(organizationId), String(memberId));
  if (!member || member.accepted || member.email !== email) return null;
  const organization = await findOrganization(db, member.organizationId);
  return organization && { ...member, organizationName: organization.name };
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
  { organizationId, actorType, actorId, clientId = null, requestId, ipAddress }: Actor,
  action: string,
  before: Invitation | null,
  after: Invitation | null,
): Promise<void> {
  return insertAuditEntry(tx, {
    ...{ organizationId, actorType, actorId, clientId, requestId, ipAddress },
    mode: 'live',
    action,
    targetType: 'invitation',
    targetId: (after ?? before)?.id ?? '',
    before: before && invitationFacts(before),
    after: after && invitationFacts(after),
  });
}

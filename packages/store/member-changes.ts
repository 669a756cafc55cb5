import { Problem, type Product, type Role, wireTime } from '#catalog';
import type { Actor, MemberManager } from './actor.ts';
import { insertAuditEntry } from './audit.ts';
import type { Queryable } from './database.ts';
import { type Inviter, sendInvitationMail } from './invitation-mails.ts';
import { cutKeysOfMember } from './keys-of-member.ts';
import {
  deleteMember,
  findMember,
  insertMember,
  lockMember,
  lockOwners,
  type Member,
  updateMember,
} from './memberships.ts';
import { findOrInsertUser } from './users.ts';

/** Members change by the same rules wherever somebody changes them, each change with its audit entry. */

/**
 * Adds a person by e-mail address, who counts as a member from accepting by the mailed link on: nobody is put into an
 * organization by strangers. Problems: `conflict` when it is a member already, `rate_limited`; what `requireRole` throws.
 */
export async function addMember(
  tx: Queryable,
  by: Inviter,
  { email, name = email, role }: { email: string; name?: string | undefined; role: Role },
): Promise<Member> {
  by.requireRole(role);
  // A person is found by e-mail in whichever organization; nothing of theirs but the id comes from there.
  const user = await findOrInsertUser(tx, { email, name, passwordHash: null });
  const { organizationId } = by;
  const member = await insertMember(tx, { organizationId, userId: user.id, role, name, accepted: false });
  if (!member) throw new Problem('conflict', 'A member with this e-mail address exists already.');
  await sendInvitationMail(tx, by, member, { memberId: member.userId });
  await recordMember(tx, by, 'user.created', null, member);
  return member;
}

/** Problems: `not_found`, `conflict` when the last owner would go; what `requireRole` throws. */
export async function changeMember(
  tx: Queryable,
  by: MemberManager,
  userId: string,
  wanted: { name?: string | undefined; role?: Role | undefined },
): Promise<Member> {
  const owners = await lockOwners(tx, by.organizationId);
  const before = await requireMember(tx, by.organizationId, userId);
  const role = wanted.role ?? before.role;
  if (role !== before.role) {
    by.requireRole(before.role);
    by.requireRole(role);
  }
  if (role !== 'owner') requireAnotherOwner(owners, before);
  const after = await updateMember(tx, { ...before, name: wanted.name ?? before.name, role });
  if (!after) throw new Error(`member ${userId} vanished under its lock`);
  await recordMember(tx, by, 'user.updated', before, after);
  return after;
}

/**
 * Removes a member, whose keys keep what its role allowed. Problems: `not_found`, `conflict` when it is the last owner; what
 * `requireRole` throws.
 */
export async function removeMember(
  tx: Queryable,
  product: Product,
  by: MemberManager,
  userId: string,
): Promise<void> {
  const owners = await lockOwners(tx, by.organizationId);
  const before = await requireMember(tx, by.organizationId, userId);
  by.requireRole(before.role);
  requireAnotherOwner(owners, before);
  await cutKeysOfMember(tx, product, by, before);
  await deleteMember(tx, by.organizationId, userId);
  await recordMember(tx, by, 'user.deleted', before, null);
}

/** A member as the API shows it. */
export function memberFacts(member: Member) {
  return {
    id: member.userId,
    email: member.email,
    name: member.name,
    role: member.role,
    status: member.accepted ? ('active' as const) : ('pending' as const),
    created_at: wireTime(member.createdAt),
    updated_at: wireTime(member.updatedAt),
  };
}

/** Writes the audit entry of a change to a member. */
export function recordMember(
  tx: Queryable,
  { organizationId, actorType, actorId, clientId = null, requestId, ipAddress }: Actor,
  action: string,
  before: Member | null,
  after: Member | null,
): Promise<void> {
  return insertAuditEntry(tx, {
    ...{ organizationId, actorType, actorId, clientId, requestId, ipAddress },
    mode: 'live',
    action,
    targetType: 'user',
    targetId: (after ?? before)?.userId ?? '',
    before: before && memberFacts(before),
    after: after && memberFacts(after),
  });
}

/** Held until the transaction ends: the role does not change meanwhile. */
async function requireMember(tx: Queryable, organizationId: string, userId: string): Promise<Member> {
  await lockMember(tx, organizationId, userId);
  const member = await findMember(tx, organizationId, userId);
  if (!member) throw new Problem('not_found', `no member ${userId}`);
  return member;
}

function requireAnotherOwner(owners: readonly string[], member: Member): void {
  if (member.role === 'owner' && owners.every((userId) => userId === member.userId)) {
    throw new Problem('conflict', 'The organization needs an owner, and this member is the last one.');
  }
}

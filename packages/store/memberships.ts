import type { Role } from '#catalog';
import type { Queryable } from './database.ts';
import { endGrantsOfUser } from './grants.ts';

/** A user in an organization, under the name and the role that the organization gives. */
export interface Member {
  /** Whether it counts: who was added by others and has not accepted is shown to them, and has and may nothing. */
  accepted: boolean;
  userId: string;
  organizationId: string;
  email: string;
  name: string;
  role: Role;
  createdAt: string;
  updatedAt: string;
}

const columns = `m.user_id as "userId", m.organization_id as "organizationId", u.email, m.name, m.role,
  m.accepted_at is not null as accepted,  m.created_at as "createdAt", m.updated_at as "updatedAt"`;

/** Adds a user to an organization; null when it is a member already. */
export async function insertMember(
  db: Queryable,
  member: { organizationId: string; userId: string; role: Role; name: string; accepted?: boolean },
): Promise<Member | null> {
  const inserted = await db.query(
    `insert into memberships (organization_id, user_id, role, name, accepted_at)
     values ($1, $2, $3, $4, case when $5::boolean then now() end) on conflict do nothing returning user_id`,
    [member.organizationId, member.userId, member.role, member.name, member.accepted ?? true],
  );
  return inserted.length === 0 ? null : findMember(db, member.organizationId, member.userId);
}

/** Makes the membership count; null when there is none that waits for it. */
export async function acceptMembership(
  tx: Queryable,
  organizationId: string,
  userId: string,
): Promise<Member | null> {
  const accepted = await tx.query(
    `update memberships m set accepted_at = now(), updated_at = now()
     where m.organization_id = $1 and m.user_id = $2 and m.accepted_at is null returning m.user_id`,
    [organizationId, userId],
  );
  return accepted.length === 0 ? null : findMember(tx, organizationId, userId);
}

/** A member, accepted or not. */
export async function findMember(
  db: Queryable,
  organizationId: string,
  userId: string,
): Promise<Member | null> {
  const [row] = await db.query<Member>(
    `select ${columns} from memberships m join users u on u.id = m.user_id
     where m.organization_id = $1 and m.user_id = $2`,
    [organizationId, userId],
  );
  return row ?? null;
}

/** Members, accepted or not, in the order of their ids, newest first, those before `cursor` when one is given. */
export function listMembers(
  db: Queryable,
  organizationId: string,
  {
    limit,
    cursor,
    role,
    email,
  }: { limit: number; cursor: string | null; role: Role | null; email: string | null },
): Promise<Member[]> {
  return db.query<Member>(
    `select ${columns} from memberships m join users u on u.id = m.user_id
     where m.organization_id = $1 and ($2::text is null or m.user_id < $2)
       and ($4::text is null or m.role = $4) and ($5::text is null or lower(u.email) = lower($5))
     order by m.user_id desc limit $3`,
    [organizationId, cursor, limit, role, email],
  );
}

/** Holds a membership until the transaction ends, so that what is counted for it sees all that was added before. */
export async function lockMember(tx: Queryable, organizationId: string, userId: string): Promise<void> {
  await tx.query('select from memberships m where m.organization_id = $1 and m.user_id = $2 for update', [
    organizationId,
    userId,
  ]);
}

/** Locks an organization's owners until the transaction ends, so that two changes can't both take the last one. */
export async function lockOwners(tx: Queryable, organizationId: string): Promise<string[]> {
  const rows = await tx.query<{ userId: string }>(
    `select m.user_id as "userId" from memberships m
     where m.organization_id = $1 and m.role = 'owner' and m.accepted_at is not null
     order by m.user_id for update`,
    [organizationId],
  );
  return rows.map((row) => row.userId);
}

export async function updateMember(
  tx: Queryable,
  member: { organizationId: string; userId: string; role: Role; name: string },
): Promise<Member | null> {
  await tx.query(
    `update memberships m set role = $3, name = $4, updated_at = now()
     where m.organization_id = $1 and m.user_id = $2`,
    [member.organizationId, member.userId, member.role, member.name],
  );
  return findMember(tx, member.organizationId, member.userId);
}

/** Removes a user from an organization, and ends the grants there: none comes back with the user. */
export async function deleteMember(tx: Queryable, organizationId: string, userId: string): Promise<void> {
  await endGrantsOfUser(tx, { userId, organizationId }, 'member_removed');
  await tx.query('delete from memberships m where m.organization_id = $1 and m.user_id = $2', [
    organizationId,
    userId,
  ]);
}

/** The organizations that a user belongs to, in the order of joining: nobody comes first by the name of an organization. */
export function listMembershipsOfUser(
  db: Queryable,
  userId: string,
): Promise<{ organizationId: string; organizationName: string; plan: string; role: Role }[]> {
  return db.query(
    `select m.organization_id as "organizationId", o.name as "organizationName", o.plan, m.role
     from memberships m join organizations o on o.id = m.organization_id
     where m.user_id = $1 and m.accepted_at is not null order by m.created_at, o.id`,
    [userId],
  );
}

/** The addresses of an organization's members in one of `roles`, and of the member `userId`; each once, and none that is disabled. */
export async function listMemberEmails(
  db: Queryable,
  organizationId: string,
  { roles, userId }: { roles: readonly Role[]; userId: string | null },
): Promise<string[]> {
  const rows = await db.query<{ email: string }>(
    `select u.email from memberships m join users u on u.id = m.user_id
     where m.organization_id = $1 and m.accepted_at is not null and (m.role = any($2) or m.user_id = $3)
       and u.disabled_at is null
     order by m.user_id`,
    [organizationId, roles, userId],
  );
  return rows.map((row) => row.email);
}

/** The address of the organization's first owner, or null. */
export async function findOwnerEmail(db: Queryable, organizationId: string): Promise<string | null> {
  const [row] = await db.query<{ email: string }>(
    `select u.email from memberships m join users u on u.id = m.user_id
     where m.organization_id = $1 and m.role = 'owner' and m.accepted_at is not null order by m.created_at, m.user_id limit 1`,
    [organizationId],
  );
  return row?.email ?? null;
}

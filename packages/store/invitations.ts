import type { Role } from '#catalog';
import type { Queryable } from './database.ts';
import { deleteEnded } from './delete-ended.ts';
import { newId } from './id.ts';

/** That somebody was asked to join an organization. It is gone when it was accepted or taken back. */
export interface Invitation {
  id: string;
  organizationId: string;
  email: string;
  role: Role;
  /** The user by whose right it was made; null when it was the operator's. */
  invitedBy: string | null;
  expiresAt: string;
  createdAt: string;
  updatedAt: string;
}

export const invitationDays = 7;

const columns = `i.id, i.organization_id as "organizationId", i.email, i.role, i.invited_by as "invitedBy",
  i.expires_at as "expiresAt", i.created_at as "createdAt", i.updated_at as "updatedAt"`;

const expiry = `now() + interval '${invitationDays} days'`;

/** Null when the address has an invitation already; one that has expired gives way. */
export async function insertInvitation(
  tx: Queryable,
  invitation: Pick<Invitation, 'organizationId' | 'email' | 'role' | 'invitedBy'>,
): Promise<Invitation | null> {
  await tx.query(
    'delete from invitations i where i.organization_id = $1 and lower(i.email) = lower($2) and i.expires_at <= now()',
    [invitation.organizationId, invitation.email],
  );
  const [row] = await tx.query<Invitation>(
    `insert into invitations as i (id, organization_id, email, role, invited_by, expires_at)
     values ($1, $2, $3, $4, $5, ${expiry}) on conflict do nothing returning ${columns}`,
    [newId('inv'), invitation.organizationId, invitation.email, invitation.role, invitation.invitedBy],
  );
  return row ?? null;
}

export async function findInvitation(
  db: Queryable,
  organizationId: string,
  id: string,
): Promise<Invitation | null> {
  const [row] = await db.query<Invitation>(
    `select ${columns} from invitations i where i.organization_id = $1 and i.id = $2`,
    [organizationId, id],
  );
  return row ?? null;
}

/** An organization's invitations, expired ones, too, newest first. */
export function listInvitations(
  db: Queryable,
  organizationId: string,
  { limit, cursor }: { limit: number; cursor: string | null },
): Promise<Invitation[]> {
  return db.query<Invitation>(
    `select ${columns} from invitations i
     where i.organization_id = $1 and ($2::text is null or i.id < $2) order by i.id desc limit $3`,
    [organizationId, cursor, limit],
  );
}

/** Lets an invitation last as long again, by the right of another user. */
export async function renewInvitation(
  tx: Queryable,
  id: string,
  invitedBy: string | null,
): Promise<Invitation | null> {
  const [row] = await tx.query<Invitation>(
    `update invitations i set expires_at = ${expiry}, invited_by = $2, updated_at = now()
     where i.id = $1 returning ${columns}`,
    [id, invitedBy],
  );
  return row ?? null;
}

/** The same, as long as it can be accepted, with the role that its inviter has now. */
export type OpenInvitation = Invitation & { organizationName: string; inviterRole: Role | null };

/** An invitation that has not expired, whosever it is: for who has its link. */
export async function findOpenInvitation(db: Queryable, id: string): Promise<OpenInvitation | null> {
  const [row] = await db.query<OpenInvitation>(
    `select ${columns}, o.name as "organizationName", m.role as "inviterRole"
     from invitations i join organizations o on o.id = i.organization_id
     left join memberships m
       on m.organization_id = i.organization_id and m.user_id = i.invited_by and m.accepted_at is not null
     where i.id = $1 and i.expires_at > now()`,
    [id],
  );
  return row ?? null;
}

/** False when it is gone already: of two who take it at once, one does. */
export async function deleteInvitation(tx: Queryable, id: string): Promise<boolean> {
  const rows = await tx.query('delete from invitations i where i.id = $1 returning i.id', [id]);
  return rows.length === 1;
}

/** Deletes up to `limit` invitations that expired a month ago, and returns how many. */
export function deleteEndedInvitations(db: Queryable, limit: number): Promise<number> {
  return deleteEnded(db, limit, { table: 'invitations', since: 'expires_at', kept: '30 days' });
}

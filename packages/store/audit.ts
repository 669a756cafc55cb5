import type { Mode } from '#catalog';
import type { Queryable } from './database.ts';
import { newId } from './id.ts';

/** A `reporter` is whoever told, without a credential, that a key has leaked. */
export type ActorType = 'api_key' | 'user' | 'operator' | 'reporter';

/** One change that someone made: who, what, to what, and how it was before and after. */
export interface AuditEntry {
  id: string;
  organizationId: string;
  mode: Mode;
  actorType: ActorType;
  actorId: string | null;
  /** `api_key.created`: the target's type and a verb in the past. */
  action: string;
  targetType: string;
  targetId: string;
  before: unknown;
  after: unknown;
  requestId: string | null;
  ipAddress: string | null;
  createdAt: string;
}

export type NewAuditEntry = Omit<AuditEntry, 'id' | 'createdAt'>;

const columns = `a.id, a.organization_id as "organizationId", a.mode, a.actor_type as "actorType",
  a.actor_id as "actorId", a.action, a.target_type as "targetType", a.target_id as "targetId", a.before, a.after,
  a.request_id as "requestId", a.ip_address as "ipAddress", a.created_at as "createdAt"`;

/** Writes an entry; give it the transaction of the change itself, so that neither stands without the other. */
export async function insertAuditEntry(tx: Queryable, entry: NewAuditEntry): Promise<void> {
  await tx.query(
    `insert into audit_entries (id, organization_id, mode, actor_type, actor_id, action, target_type, target_id,
       before, after, request_id, ip_address)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      newId('aud'),
      entry.organizationId,
      entry.mode,
      entry.actorType,
      entry.actorId,
      entry.action,
      entry.targetType,
      entry.targetId,
      JSON.stringify(entry.before),
      JSON.stringify(entry.after),
      entry.requestId,
      entry.ipAddress,
    ],
  );
}

export interface AuditQuery {
  limit: number;
  cursor: string | null;
  mode: Mode | null;
  action: string | null;
  actorId: string | null;
  targetId: string | null;
}

/** An organization's entries, newest first. */
export function listAuditEntries(
  db: Queryable,
  organizationId: string,
  query: AuditQuery,
): Promise<AuditEntry[]> {
  return db.query<AuditEntry>(
    `select ${columns} from audit_entries a
     where a.organization_id = $1 and ($2::text is null or a.id < $2) and ($4::text is null or a.mode = $4)
       and ($5::text is null or a.action = $5) and ($6::text is null or a.actor_id = $6)
       and ($7::text is null or a.target_id = $7)
     order by a.id desc limit $3`,
    [organizationId, query.cursor, query.limit, query.mode, query.action, query.actorId, query.targetId],
  );
}

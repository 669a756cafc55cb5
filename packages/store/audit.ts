import type { Mode } from '#catalog';
import { auditHash } from './audit-text.ts';
import type { Queryable } from './database.ts';
import { newId } from './id.ts';

/**
 * A `client` is an OAuth client in its own name, and a `reporter` whoever told, without a credential, that a key has
 * leaked.
 */
export const actorTypes = ['api_key', 'user', 'client', 'operator', 'reporter'] as const;
export type ActorType = (typeof actorTypes)[number];

/** One change that someone made: who, what, to what, and how it was before and after. */
export interface NewAuditEntry {
  organizationId: string;
  mode: Mode;
  actorType: ActorType;
  actorId: string | null;
  /** The client through which a user acted; null when there was none. */
  clientId?: string | null;
  /** `api_key.created`: the target's type and a verb in the past. */
  action: string;
  targetType: string;
  targetId: string;
  before: unknown;
  after: unknown;
  requestId: string | null;
  ipAddress: string | null;
}

/** An entry in its organization's chain. Hashes are in hexadecimal. */
export interface AuditEntry extends Omit<NewAuditEntry, 'before' | 'after'> {
  id: string;
  /** 1 for an organization's first entry, and one more for each. */
  seq: number;
  /** JSON, in the very text that the hash covers. */
  before: string;
  after: string;
  /** To the microsecond. */
  createdAt: string;
  /** That of the entry before; zeros in the first one. */
  previousHash: string;
  hash: string;
}

export const zeroHash = '0'.repeat(64);

const columns = `a.id, a.organization_id as "organizationId", a.seq::float8 as seq, a.mode,
  a.actor_type as "actorType", a.actor_id as "actorId", a.client_id as "clientId", a.action, a.target_type as "targetType",
  a.target_id as "targetId", a.before::text as before, a.after::text as after, a.request_id as "requestId",
  a.ip_address as "ipAddress", a.created_at as "createdAt", encode(a.previous_hash, 'hex') as "previousHash",
  encode(a.hash, 'hex') as hash`;

/**
 * Adds an entry to its organization's chain. Give it the transaction of the change itself, so that neither stands
 * without the other, and call it last: other changes of the organization wait until the transaction ends.
 */
export async function insertAuditEntry(tx: Queryable, entry: NewAuditEntry): Promise<void> {
  const [head] = await tx.query<Pick<AuditEntry, 'seq' | 'previousHash' | 'createdAt'>>(
    `insert into audit_chains as c (organization_id, seq, hash) values ($1, 1, decode($2, 'hex'))
     on conflict (organization_id) do update set seq = c.seq + 1
     returning c.seq::float8 as seq, encode(c.hash, 'hex') as "previousHash", clock_timestamp() as "createdAt"`,
    [entry.organizationId, zeroHash],
  );
  if (!head) throw new Error('insert returned no row');
  const [before, after] = [JSON.stringify(entry.before ?? null), JSON.stringify(entry.after ?? null)];
  const linked = { ...entry, ...head, id: newId('aud'), before, after };
  await tx.query(
    `with added as (
       insert into audit_entries (organization_id, id, mode, actor_type, actor_id, action, target_type, target_id,
         before, after, request_id, ip_address, created_at, seq, previous_hash, hash,
         client_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, decode($15, 'hex'), decode($16, 'hex'),
         $17)
     )
     update audit_chains c set hash = decode($16, 'hex') where c.organization_id = $1`,
    [
      linked.organizationId,
      linked.id,
      linked.mode,
      linked.actorType,
      linked.actorId,
      linked.action,
      linked.targetType,
      linked.targetId,
      before,
      after,
      linked.requestId,
      linked.ipAddress,
      linked.createdAt,
      linked.seq,
      linked.previousHash,
      auditHash(linked),
      linked.clientId ?? null,
    ],
  );
}

/** Which of an organization's entries are meant: all that have each of the values that are given. */
export interface AuditFilters {
  mode?: Mode | undefined;
  actorType?: ActorType | undefined;
  actorId?: string | undefined;
  action?: string | undefined;
  targetType?: string | undefined;
  targetId?: string | undefined;
  /** From this time on, and before that one. */
  from?: string | undefined;
  to?: string | undefined;
}

/** An organization's entries, newest first; `cursor` is the number of the last entry of the page before. */
export function listAuditEntries(
  db: Queryable,
  organizationId: string,
  { limit, cursor, ...filters }: AuditFilters & { limit: number; cursor: number | null },
): Promise<AuditEntry[]> {
  const { conditions, bind, values } = conditionsOf(organizationId, filters);
  if (cursor !== null) conditions.push(`a.seq < ${bind(cursor)}`);
  return db.query<AuditEntry>(
    `select ${columns} from audit_entries a where ${conditions.join(' and ')} order by a.seq desc limit ${bind(limit)}`,
    values,
  );
}

// One entry holds up to two bodies of 1 MB.
const maxBatchEntries = 200;
const maxBatchBytes = 4 * 2 ** 20;

/**
 * An organization's entries up to the number `last`, oldest first, in batches of which only one is in memory: the next
 * one is read when it is asked for. The entry that goes beyond 4 MiB is a batch's last.
 */
export async function* readAuditEntries(
  db: Queryable,
  organizationId: string,
  { last, ...filters }: AuditFilters & { last?: number } = {},
): AsyncGenerator<AuditEntry[], void> {
  for (let after: AuditEntry | undefined; ; ) {
    const { conditions, bind, values } = conditionsOf(organizationId, filters);
    if (last !== undefined) conditions.push(`a.seq <= ${bind(last)}`);
    // Two entries of one number are a forgery, and must be seen.
    if (after) conditions.push(`(a.seq, a.id) > (${bind(after.seq)}, ${bind(after.id)})`);
    const batch = await db.query<AuditEntry>(
      `select ${columns} from (
         select a.*, sum(a.bytes) over (order by a.seq, a.id) - a.bytes as "bytesBefore"
         from audit_entries a where ${conditions.join(' and ')} order by a.seq, a.id limit ${bind(maxBatchEntries)}
       ) a
       where a."bytesBefore" < ${bind(maxBatchBytes)} order by a.seq, a.id`,
      values,
    );
    after = batch.at(-1);
    if (!after) return;
    yield batch;
  }
}

function conditionsOf(organizationId: string, filters: AuditFilters) {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const conditions = [`a.organization_id = ${bind(organizationId)}`];
  const add = (comparison: string, value: string | undefined) => {
    if (value !== undefined) conditions.push(`${comparison} ${bind(value)}`);
  };
  add('a.mode =', filters.mode);
  add('a.actor_type =', filters.actorType);
  add('a.actor_id =', filters.actorId);
  add('a.action =', filters.action);
  add('a.target_type =', filters.targetType);
  add('a.target_id =', filters.targetId);
  add('a.created_at >=', filters.from);
  add('a.created_at <', filters.to);
  return { values, bind, conditions };
}

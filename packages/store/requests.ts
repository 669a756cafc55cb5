import type { Mode, ProblemKind } from '#catalog';
import type { Database, Queryable } from './database.ts';
import { timeOfId } from './id.ts';
import { createRequestPartitions } from './request-partitions.ts';
import { sqlState } from './unavailable.ts';

/** One request that a known credential came with, and how it was answered. */
export interface RequestRecord {
  /** The request id; the time in it is when the request began. */
  id: string;
  organizationId: string;
  mode: Mode;
  /** Of a request with a key; else it has a user and a client. */
  keyId: string | null;
  userId: string | null;
  clientId: string | null;
  method: string;
  /** The template of the path; null where no route has the path. */
  route: string | null;
  /** Without the query. */
  path: string;
  status: number;
  /** Of a 401, 403 or 429: the rule that refused it, how it failed in this case, and what would mend it. */
  denialRule: ProblemKind | null;
  denialDetail: string | null;
  denialMend: string | null;
  ipAddress: string;
  userAgent: string | null;
  durationMs: number;
}

/** The properties of a record, their columns and the columns' types. The time of the id has a column of its own. */
const columns = [
  ['id', 'id', 'text'],
  ['organizationId', 'organization_id', 'text'],
  ['mode', 'mode', 'text'],
  ['keyId', 'key_id', 'text'],
  ['userId', 'user_id', 'text'],
  ['clientId', 'client_id', 'text'],
  ['method', 'method', 'text'],
  ['route', 'route', 'text'],
  ['path', 'path', 'text'],
  ['status', 'status', 'integer'],
  ['denialRule', 'denial_rule', 'text'],
  ['denialDetail', 'denial_detail', 'text'],
  ['denialMend', 'denial_mend', 'text'],
  ['ipAddress', 'ip_address', 'text'],
  ['userAgent', 'user_agent', 'text'],
  ['durationMs', 'duration_ms', 'real'],
] as const;

const names = columns.map(([, name]) => name).join(', ');
const arrays = columns.map(([, , type], at) => `$${at + 2}::${type}[]`).join(', ');
const selected = columns.map(([property, name]) => `r.${name} as "${property}"`).join(', ');

const startedAt = (ms: string) => `to_timestamp(${ms} / 1000)`;

const insert = `insert into requests (started_at, ${names})
  select ${startedAt('r.started_ms')}, ${columns.map(([, name]) => `r.${name}`).join(', ')}
  from unnest($1::double precision[], ${arrays}) as r (started_ms, ${names})
  on conflict do nothing`;

const checkViolation = '23514';

/**
 * Writes records in one statement; one that is there already is left as it is, so a batch can be sent again. Makes
 * the partition of a day that has none yet.
 */
export async function insertRequests(db: Database, records: readonly RequestRecord[]): Promise<void> {
  const times = records.map(({ id }) => timeOfId(id) ?? 0);
  const values = [times, ...columns.map(([property]) => records.map((record) => record[property]))];
  try {
    await db.query(insert, values);
  } catch (error) {
    // What PostgreSQL answers for a row that no partition takes, too.
    if (sqlState(error) !== checkViolation) throw error;
    await createRequestPartitions(db, Math.min(...times), Math.max(...times));
    await db.query(insert, values);
  }
}

/** An organization's request by its id; the time in the id leads to its partition. */
export async function findRequest(
  db: Queryable,
  organizationId: string,
  id: string,
): Promise<RequestRecord | null> {
  const startedMs = timeOfId(id);
  if (startedMs === null) return null;
  const [row] = await db.query<RequestRecord>(
    `select ${selected} from requests r
     where r.started_at = ${startedAt('$2::double precision')} and r.id = $3 and r.organization_id = $1`,
    [organizationId, startedMs, id],
  );
  return row ?? null;
}

import type { Mode } from '#catalog';
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
  /** Of a request with a key; else it has a client, and a user unless the client came for itself. */
  keyId: string | null;
  userId: string | null;
  clientId: string | null;
  method: string;
  /** The template of the path; null where no route has the path. */
  route: string | null;
  /** What the route asks for; null where it asks for none. */
  scope: string | null;
  /** Without the query. */
  path: string;
  status: number;
  /** Of a refused one: the rule that refused it, how it failed in this case, and what would mend it. */
  denialRule: string | null;
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
  ['scope', 'scope', 'text'],
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

// Only what was really added is counted, so a batch that is sent again counts once. All processes lock rows in the same
// order: records, counts and addresses, each sorted.
const insert = `with added as (
    insert into requests (started_at, ${names})
    select ${startedAt('r.started_ms')}, ${columns.map(([, name]) => `r.${name}`).join(', ')}
    from unnest($1::double precision[], ${arrays}) as r (started_ms, ${names})
    order by r.started_ms, r.id
    on conflict do nothing
    returning organization_id, key_id, user_id, client_id, started_at, method, route, scope, status, ip_address
  ), counted as (
    insert into request_counts as c (key_id, hour, method, route, requests, errors)
    select a.key_id, date_trunc('hour', a.started_at, 'UTC'), a.method, coalesce(a.route, ''), count(*),
      count(*) filter (where a.status >= 400)
    from added a where a.key_id is not null group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (key_id, hour, method, route)
    do update set requests = c.requests + excluded.requests, errors = c.errors + excluded.errors
  ), app_counted as (
    insert into app_request_counts as c (user_id, client_id, organization_id, day, scope, requests, last_used_at)
    select a.user_id, a.client_id, a.organization_id, date_trunc('day', a.started_at, 'UTC'),
      case when a.status in (401, 403, 429) then '' else coalesce(a.scope, '') end, count(*), max(a.started_at)
    from added a where a.user_id is not null and a.client_id is not null group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
    on conflict (user_id, client_id, organization_id, day, scope)
    do update set requests = c.requests + excluded.requests, last_used_at = greatest(c.last_used_at, excluded.last_used_at)
  )
  insert into request_addresses as u (key_id, day, ip_address, requests, last_used_at)
  select a.key_id, date_trunc('day', a.started_at, 'UTC'), a.ip_address, count(*), max(a.started_at)
  from added a where a.key_id is not null group by 1, 2, 3 order by 1, 2, 3
  on conflict (key_id, day, ip_address)
  do update set requests = u.requests + excluded.requests, last_used_at = greatest(u.last_used_at, excluded.last_used_at)`;

const checkViolation = '23514';

/**
 * Writes records, and adds them to the counts of their keys or apps, in one statement; one that is there already is left as it is,
 * so a batch can be sent again. Makes the partition of a day that has none yet.
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

/** Which of an organization's requests are meant: all that have each of the values that are given. */
export interface RequestFilters {
  mode?: Mode | undefined;
  keyId?: string | undefined;
  /** From this time on, and before that one. */
  from?: string | undefined;
  to?: string | undefined;
}

/** An organization's requests, newest first; `cursor` is the id of the last one of the page before. */
export function listRequests(
  db: Queryable,
  organizationId: string,
  { limit, cursor, ...filters }: RequestFilters & { limit: number; cursor: string | null },
): Promise<RequestRecord[]> {
  const { conditions, bind, values } = conditionsOf(organizationId, filters);
  if (cursor !== null) conditions.push(beyond('<', cursor, bind));
  return db.query<RequestRecord>(
    `select ${selected} from requests r where ${conditions.join(' and ')}
     order by r.started_at desc, r.id desc limit ${bind(limit)}`,
    values,
  );
}

const batchSize = 1_000;

/** An organization's requests, oldest first, in batches of which only one is in memory. */
export async function* readRequests(
  db: Queryable,
  organizationId: string,
  filters: RequestFilters = {},
): AsyncGenerator<RequestRecord[], void> {
  for (let after: RequestRecord | undefined; ; ) {
    const { conditions, bind, values } = conditionsOf(organizationId, filters);
    if (after) conditions.push(beyond('>', after.id, bind));
    const batch = await db.query<RequestRecord>(
      `select ${selected} from requests r where ${conditions.join(' and ')}
       order by r.started_at, r.id limit ${bind(batchSize)}`,
      values,
    );
    if (batch.length > 0) yield batch;
    after = batch.at(-1);
    if (batch.length < batchSize) return;
  }
}

function conditionsOf(organizationId: string, { mode, keyId, from, to }: RequestFilters) {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const conditions = [`r.organization_id = ${bind(organizationId)}`];
  // As a constant, without which the index of test requests is of no use.
  if (mode !== undefined) conditions.push(`r.mode = '${mode}'`);
  if (keyId !== undefined) conditions.push(`r.key_id = ${bind(keyId)}`);
  if (from !== undefined) conditions.push(`r.started_at >= ${bind(from)}`);
  if (to !== undefined) conditions.push(`r.started_at < ${bind(to)}`);
  return { values, bind, conditions };
}

/** What lies beyond an id. The time stands by itself, too: it says which partitions need not be asked. */
function beyond(comparison: '<' | '>', id: string, bind: (value: unknown) => string): string {
  const time = startedAt(`${bind(timeOfId(id))}::double precision`);
  return `r.started_at ${comparison}= ${time} and (r.started_at, r.id) ${comparison} (${time}, ${bind(id)})`;
}

import { type Database, insertRequests, type RequestRecord } from '#store';
import { requestAt } from '../../test/support/request-records.ts';

/** As many as a buffer sends at once. */
const batchRows = 500;
const dayMs = 86_400_000;
const keys = 1_000;
const day = Date.parse('2026-01-15T00:00:00Z');
const routes = ['/v1/devices', '/v1/devices/{id}', '/v1/policies', '/v1/auth/verify'];

/**
 * Writes the requests from number `from` to before `to` out of `rows` that are spread evenly over one day, with `writers` at
 * once, each in batches as a process has them. Resolves with the rows a second.
 */
export async function fillRequests(
  db: Database,
  { from, to, rows, writers }: { from: number; to: number; rows: number; writers: number },
): Promise<number> {
  const batches: RequestRecord[][] = [];
  for (let at = from; at < to; at += batchRows) {
    const size = Math.min(batchRows, to - at);
    batches.push(Array.from({ length: size }, (_, n) => requestOf(at + n, rows)));
  }
  const begun = performance.now();
  const write = async () => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) await insertRequests(db, batch);
  };
  await Promise.all(Array.from({ length: writers }, write));
  return ((to - from) * 1000) / (performance.now() - begun);
}

/** One request of many: by one of 1,000 keys, one in twenty denied. */
function requestOf(number: number, rows: number): RequestRecord {
  const key = (number * 7_919) % keys;
  const id = (prefix: string, of: number) => `${prefix}_${String(of).padStart(26, '0')}`;
  const route = routes[number % routes.length] ?? '';
  const denied = number % 20 === 0;
  return requestAt(day + Math.floor((number / rows) * dayMs), {
    organizationId: id('org', key % 100),
    keyId: id('key', key),
    route,
    path: route.replace('{id}', id('dev', number % 100_000)),
    status: denied ? 403 : 200,
    ...(denied && {
      denialRule: 'insufficient_scope',
      denialDetail:
        'The operation needs devices:write. The credential has devices:read: the key itself has devices:read.',
      denialMend: 'Give the key devices:write.',
    }),
    ipAddress: `203.0.113.${key % 250}`,
    userAgent: 'python-requests/2.32.5',
    durationMs: 3.2,
  });
}

/** What the records and their counts take on disk, in bytes, with their indexes. */
export async function requestBytes(db: Database): Promise<{ records: number; counts: number }> {
  await db.query('vacuum analyze requests, request_counts, request_addresses');
  const [row] = await db.query<{ records: number; counts: number }>(
    `select (select sum(pg_total_relation_size(i.inhrelid)) from pg_inherits i where i.inhparent = 'requests'::regclass)::float8
         as records,
       (pg_total_relation_size('request_counts') + pg_total_relation_size('request_addresses'))::float8 as counts`,
  );
  if (!row) throw new Error('PostgreSQL tells no sizes');
  return row;
}

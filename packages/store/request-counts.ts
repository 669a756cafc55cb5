import type { Queryable } from './database.ts';
import { deleteEnded } from './delete-ended.ts';

/** How many requests a key has sent since a day and since a month began, in UTC, up to now. */
export interface RequestSums {
  today: number;
  thisMonth: number;
}

/** The requests of a key in the day and in the month of UTC that `now` lies in. */
export async function sumRequests(db: Queryable, keyId: string, now: string): Promise<RequestSums> {
  const [row] = await db.query<RequestSums>(
    `select coalesce(sum(c.requests) filter (where c.hour >= date_trunc('day', $2::timestamptz, 'UTC')), 0)::float8 as today,
       coalesce(sum(c.requests), 0)::float8 as "thisMonth"
     from request_counts c where c.key_id = $1 and c.hour >= date_trunc('month', $2::timestamptz, 'UTC')`,
    [keyId, now],
  );
  return row ?? { today: 0, thisMonth: 0 };
}

/** The requests of a key to one method of one route. */
export interface EndpointCount {
  method: string;
  /** The template of the path; null where no route has the path. */
  route: string | null;
  requests: number;
  /** Of these, those that were answered with 400 or more. */
  errors: number;
}

/** The requests of a key by endpoint, most first, in the hours of UTC from `from` on. */
export function countRequestsByEndpoint(
  db: Queryable,
  keyId: string,
  from: string,
): Promise<EndpointCount[]> {
  return db.query<EndpointCount>(
    `select c.method, nullif(c.route, '') as route, sum(c.requests)::float8 as requests, sum(c.errors)::float8 as errors
     from request_counts c where c.key_id = $1 and c.hour >= $2
     group by c.method, c.route order by requests desc, c.route, c.method`,
    [keyId, from],
  );
}

/** The requests of a key from one address. */
export interface AddressCount {
  ipAddress: string;
  requests: number;
  lastUsedAt: string;
}

/** The up to `limit` addresses with the most requests of a key, in the days of UTC from `from` on. */
export function countRequestsByAddress(
  db: Queryable,
  keyId: string,
  { from, limit }: { from: string; limit: number },
): Promise<AddressCount[]> {
  return db.query<AddressCount>(
    `select a.ip_address as "ipAddress", sum(a.requests)::float8 as requests, max(a.last_used_at) as "lastUsedAt"
     from request_addresses a where a.key_id = $1 and a.day >= $2
     group by a.ip_address order by requests desc, a.ip_address limit $3`,
    [keyId, from, limit],
  );
}

/** Deletes up to `limit` counts of hours that are 13 months old, and returns how many. */
export function deleteOldRequestCounts(db: Queryable, limit: number): Promise<number> {
  return deleteEnded(db, limit, {
    table: 'request_counts',
    key: ['key_id', 'hour', 'method', 'route'],
    since: 'hour',
    kept: '13 months',
  });
}

/** Deletes up to `limit` counts by address of days that ended 30 days ago, and returns how many. */
export function deleteOldRequestAddresses(db: Queryable, limit: number): Promise<number> {
  return deleteEnded(db, limit, {
    table: 'request_addresses',
    key: ['key_id', 'day', 'ip_address'],
    since: 'day',
    kept: '31 days',
  });
}

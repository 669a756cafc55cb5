import { createHash } from 'node:crypto';
import type { Queryable } from './database.ts';
import { deleteEnded } from './delete-ended.ts';

/** An idempotency key of one caller: nobody else's key of the same text is the same one. */
export interface IdempotencyKey {
  caller: string;
  key: string;
}

/** What is kept of a request that was carried out. */
export interface IdempotentAnswer {
  /** SHA-256 of the request. */
  fingerprint: Buffer;
  status: number;
  /** The id of what the request made or changed; null when its answer has none. */
  resourceId: string | null;
  /** The whole answer, encrypted. */
  answer: Buffer;
}

/** The answer that was stored under a key in the last 24 hours. */
export async function findIdempotentAnswer(
  db: Queryable,
  { caller, key }: IdempotencyKey,
): Promise<IdempotentAnswer | null> {
  const [found] = await db.query<IdempotentAnswer>(
    `select fingerprint, status, resource_id as "resourceId", answer from idempotency_keys
     where caller = $1 and key = $2 and created_at > now() - interval '24 hours'`,
    [caller, key],
  );
  return found ?? null;
}

/**
 * Holds a key until the transaction ends, however it ends; false when another transaction holds it. Two keys share
 * a lock by a chance of 2⁻⁶⁴: then one waits for the other, and nothing worse.
 */
export async function tryLockIdempotencyKey(tx: Queryable, id: IdempotencyKey): Promise<boolean> {
  const digest = createHash('sha256')
    .update(JSON.stringify([id.caller, id.key]))
    .digest();
  const [row] = await tx.query<{ locked: boolean }>(
    'select pg_try_advisory_xact_lock($1::bigint) as locked',
    [digest.readBigInt64BE().toString()],
  );
  return row?.locked === true;
}

/** Stores the answer to a request, in place of one that is older than 24 hours. */
export async function putIdempotentAnswer(
  tx: Queryable,
  { caller, key }: IdempotencyKey,
  { fingerprint, status, resourceId, answer }: IdempotentAnswer,
): Promise<void> {
  await tx.query(
    `insert into idempotency_keys (caller, key, fingerprint, status, resource_id, answer)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (caller, key) do update set fingerprint = excluded.fingerprint, status = excluded.status,
       resource_id = excluded.resource_id, answer = excluded.answer, created_at = excluded.created_at`,
    [caller, key, fingerprint, status, resourceId, answer],
  );
}

/** Deletes up to `limit` answers that are older than 24 hours, and returns how many. It waits for no other transaction. */
export function deleteOldIdempotentAnswers(db: Queryable, limit: number): Promise<number> {
  return deleteEnded(db, limit, {
    table: 'idempotency_keys',
    key: ['caller', 'key'],
    since: 'created_at',
    kept: '24 hours',
  });
}

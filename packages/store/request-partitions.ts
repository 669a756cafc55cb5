import type { Database, Queryable } from './database.ts';

const dayMs = 86_400_000;
const daysAhead = 2;
// Any number that no other program on the same database uses for an advisory lock.
const partitionLock = 5_418_038;

/**
 * Makes the partitions of request records that are missing for the days from one time to another (milliseconds
 * since 1970) and for two days more. Processes that call it at once take turns, and requests are recorded meanwhile.
 */
export async function createRequestPartitions(db: Database, fromMs: number, toMs = fromMs): Promise<void> {
  await db.transaction(async (tx) => {
    const known = new Set(await partitions(tx));
    for (let day = startOfDay(fromMs); day <= toMs + daysAhead * dayMs; day += dayMs) {
      const name = nameOf(day);
      if (known.has(name)) continue;
      // `create table … partition of` would lock out every insert until it is done; to attach one does not.
      await tx.query(`create table ${name} (like requests including all)`);
      await tx.query(
        `alter table requests attach partition ${name} for values from ('${utc(day)}') to ('${utc(day + dayMs)}')`,
      );
    }
  });
}

/** Drops the days whose requests are all older than `days` days. Resolves with the names of their tables. */
export async function dropRequestPartitions(
  db: Database,
  days: number,
  nowMs = Date.now(),
): Promise<string[]> {
  return db.transaction(async (tx) => {
    const kept = nameOf(startOfDay(nowMs) - days * dayMs);
    const old = (await partitions(tx)).filter((name) => name < kept);
    // To drop a partition needs the whole table for a moment. Behind a long query all inserts would wait for it.
    await tx.query(`set local lock_timeout = '3s'`);
    for (const name of old) await tx.query(`drop table ${name}`);
    return old;
  });
}

/** The partitions' names, oldest first; no other process makes or drops one until the transaction ends. */
async function partitions(tx: Queryable): Promise<string[]> {
  await tx.query('select pg_advisory_xact_lock($1)', [partitionLock]);
  const rows = await tx.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'requests'::regclass order by c.relname`,
  );
  return rows.map((row) => row.name);
}

function startOfDay(ms: number): number {
  return Math.floor(ms / dayMs) * dayMs;
}

/** `requests_20260131` */
function nameOf(day: number): string {
  return `requests_${utc(day).slice(0, 10).replaceAll('-', '')}`;
}

function utc(ms: number): string {
  return new Date(ms).toISOString();
}

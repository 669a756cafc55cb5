import { Problem } from '#catalog';
import type { Queryable } from './database.ts';
import { jobQueues, jobQueueVersion } from './job-queue.ts';
import { migrationNames } from './migrate.ts';
import { reasonOf, sqlState } from './unavailable.ts';

/** Resolves while PostgreSQL answers. Problem: `unavailable`. */
export async function ping(db: Queryable): Promise<void> {
  await db.query('select 1');
}

const undefinedTable = '42P01';

/** Throws an Error of one line when the database can't be reached, or its schema is not the one of this version. */
export async function requireSchema(db: Queryable): Promise<void> {
  const migrations = await namesOf(db, 'select m.name from knex_migrations m');
  const queues = await namesOf(
    db,
    'select q.name from pgboss.queue q, pgboss.version v where v.version >= $1',
    [jobQueueVersion],
  );
  const missing = [
    ...(await migrationNames()).filter((name) => !migrations.has(name)),
    ...Object.keys(jobQueues).filter((name) => !queues.has(name)),
  ];
  if (missing.length > 0)
    throw new Error(`the database lacks ${missing.join(', ')}: run npm run keystile -- migrate`);
}

async function namesOf(db: Queryable, text: string, values: unknown[] = []): Promise<Set<string>> {
  const rows = await db.query<{ name: string }>(text, values).catch((error) => {
    if (error instanceof Problem)
      throw new Error(`DATABASE_URL can't be used: ${reasonOf(error.cause)}`, { cause: error });
    if (sqlState(error) === undefinedTable) return [];
    throw new Error(`DATABASE_URL can't be used: ${reasonOf(error)}`, { cause: error });
  });
  return new Set(rows.map((row) => row.name));
}

import { readdir } from 'node:fs/promises';
import knex, { type Knex } from 'knex';
import pg from 'pg';
import { installJobQueues } from './job-queue.ts';
import { reasonOf } from './unavailable.ts';

const folder = new URL('../../migrations/', import.meta.url);

/** The names of the numbered files of `migrations/`, in their order. */
export async function migrationNames(): Promise<string[]> {
  const files = await readdir(folder);
  return files.flatMap((file) => /^(\d{4}_\w+)\.ts$/.exec(file)?.[1] ?? []).sort();
}

const source: Knex.MigrationSource<string> = {
  getMigrations: migrationNames,
  getMigrationName: (name) => name,
  getMigration: (name) => import(new URL(`${name}.ts`, folder).href),
};

// Any number that no other program on the same database uses for an advisory lock.
const migrationLock = 5_418_037;

/**
 * Brings the schema up to date and returns the names of the migrations that it ran. Processes that call it at
 * once take turns: a lock of PostgreSQL's own is held meanwhile, which also ends with a process that was killed.
 * Throws an Error of one line when the database can't be reached.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const holder = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  const db = knex({ client: 'pg', connection: databaseUrl, pool: { min: 0, max: 2 } });
  try {
    await holder.connect().catch((cause) => {
      throw new Error(`DATABASE_URL can't be used: ${reasonOf(cause)}`, { cause });
    });
    await holder.query('select pg_advisory_lock($1)', [migrationLock]);
    const config = { migrationSource: source };
    // knex's own lock is a row, which a killed process leaves behind.
    if (await db.schema.hasTable('knex_migrations_lock')) await db.migrate.forceFreeMigrationsLock(config);
    const [, names] = await db.migrate.latest(config);
    await installJobQueues(holder);
    return names;
  } finally {
    await db.destroy();
    await holder.end();
  }
}

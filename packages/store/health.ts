import { Problem } from '#catalog';
import type { Queryable } from './database.ts';
import { migrationNames } from './migrate.ts';
import { reasonOf, sqlState } from './unavailable.ts';

/** Resolves while PostgreSQL answers. Problem: `unavailable`. */
export async function ping(db: Queryable): Promise<void> {
  await db.query('select 1');
}

const undefinedTable = '42P01';

/** Throws an Error of one line when the database can't be reached, or its schema is not the one of this version. */
export async function requireSchema(db: Queryable): Promise<void> {
  const ran = await db.query<{ name: string }>('select m.name from knex_migrations m').catch((error) => {
    if (error instanceof Problem)
      throw new Error(`DATABASE_URL can't be used: ${reasonOf(error.cause)}`, { cause: error });
    if (sqlState(error) === undefinedTable) return [];
    throw new Error(`DATABASE_URL can't be used: ${reasonOf(error)}`, { cause: error });
  });
  const names = new Set(ran.map((row) => row.name));
  const missing = (await migrationNames()).filter((name) => !names.has(name));
  if (missing.length > 0)
    throw new Error(`the database lacks ${missing.join(', ')}: run npm run keystile -- migrate`);
}

import { randomBytes } from 'node:crypto';
import { afterAll } from '@jest/globals';
import pg from 'pg';
import { type Database, migrate, openDatabase } from '#store';

export interface TestDatabase extends Database {
  url: string;
}

/** A database of its own for the test file that calls it, cloned from the migrated template and dropped after. */
export function createTestDatabase(): Promise<TestDatabase> {
  return create('template template_keystile');
}

/** The same in a database that lower-cases all letters, not those of ASCII alone. */
export async function createUnicodeDatabase(): Promise<TestDatabase> {
  const db = await create(
    `template template0 encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'`,
  );
  await migrate(db.url);
  return db;
}

async function create(options: string): Promise<TestDatabase> {
  const server = process.env.TEST_POSTGRES_URL;
  if (!server) throw new Error('the global set-up has not started PostgreSQL');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(server, `create database ${name} ${options}`);
  const url = server + name;
  const db = openDatabase({ url, poolSize: 5 });
  afterAll(async () => {
    await db.close();
    await onServer(server, `drop database ${name} with (force)`);
  });
  return { ...db, url };
}

async function onServer(server: string, statement: string): Promise<void> {
  const client = new pg.Client(`${server}postgres`);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

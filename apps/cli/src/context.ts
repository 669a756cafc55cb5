import type { Command } from 'commander';
import { loadProduct, type Product } from '#catalog';
import {
  type Database,
  findOrganization,
  insertAuditEntry,
  type Organization,
  openDatabase,
  type Queryable,
} from '#store';
import { cliConfig } from './config.ts';

/** What every command works with. */
export interface Context {
  db: Database;
  product: Product;
}

/** Runs a command on the configured database and prints what it answers as JSON. */
export async function withContext(work: (context: Context) => Promise<unknown>): Promise<void> {
  const product = await loadProduct(cliConfig().PRODUCT);
  await withDatabase(async (db) => print(JSON.stringify(await work({ db, product }), null, 2)));
}

/** Runs a command that needs no product on the configured database. */
export async function withDatabase(work: (db: Database) => Promise<void>): Promise<void> {
  const db = openDatabase({ url: cliConfig().DATABASE_URL, poolSize: 1 });
  try {
    await work(db);
  } finally {
    await db.close();
  }
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Gives a command a `list`, of what `list` finds of an organization. */
export function addList(
  command: Command,
  list: (db: Database, organizationId: string) => Promise<unknown[]>,
): void {
  command
    .command('list')
    .requiredOption('--organization <id>')
    .action(({ organization }: { organization: string }) =>
      withContext(async ({ db }) => list(db, (await requireOrganization(db, organization)).id)),
    );
}

/** The organization with this id, as `find` reads it. Throws an Error of one line when there is none. */
export async function requireOrganization(
  db: Queryable,
  id: string,
  find = findOrganization,
): Promise<Organization> {
  const found = await find(db, id);
  if (!found) throw new Error(`there is no organization ${id}`);
  return found;
}

/** Throws an Error of one line unless every one of `scopes` is the product's. */
export function requireScopes(product: Product, scopes: readonly string[]): void {
  const unknown = scopes.filter((scope) => !Object.hasOwn(product.scopes, scope));
  if (unknown.length === 0) return;
  throw new Error(
    `unknown scope ${unknown.join(', ')}: ${product.name} has ${Object.keys(product.scopes).join(', ')}`,
  );
}

/** The audit entry of something that the operator created, or updated when there is a `before`. */
export function record(
  tx: Queryable,
  {
    organizationId,
    type,
    id,
    before = null,
    after,
  }: { organizationId: string; type: string; id: string; before?: unknown; after: unknown },
): Promise<void> {
  return insertAuditEntry(tx, {
    organizationId,
    mode: 'live',
    actorType: 'operator',
    actorId: null,
    action: `${type}.${before === null ? 'created' : 'updated'}`,
    targetType: type,
    targetId: id,
    before,
    after,
    requestId: null,
    ipAddress: null,
  });
}

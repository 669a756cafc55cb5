import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { createOrganization } from '../../test/support/fixtures.ts';
import { createTestDatabase } from '../../test/support/test-database.ts';
import type { Queryable } from './database.ts';
import { type CollectionScope, insertResource, listResources, type ResourceQuery } from './resources.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { id: organizationId } = await createOrganization(db, product);
const top: CollectionScope = { organizationId, mode: 'live', collection: 'devices', parentId: null };
const parent = await insertResource(db, top, 'dev', {});
const below: CollectionScope = { ...top, collection: 'events', parentId: parent.id };
const newest: ResourceQuery = {
  limit: 20,
  filters: new Map(),
  sort: { field: 'created_at', descending: true },
  after: null,
};

async function fill({ collection, parentId }: CollectionScope): Promise<void> {
  await db.query(
    `insert into resources (id, organization_id, mode, collection, parent_id, body, created_at)
     select $2 || '_' || n, $1, 'live', $2, $3, '{}', now() + n * interval '1 second'
     from generate_series(1, 2000) n`,
    [organizationId, collection, parentId],
  );
}

/** So far, by this connection. */
async function rowsRead(tx: Queryable): Promise<number> {
  const [row] = await tx.query<{ rows: number }>(
    `select (seq_tup_read + idx_tup_fetch)::int as rows from pg_stat_xact_user_tables where relname = 'resources'`,
  );
  return row?.rows ?? 0;
}

describe.each([
  { what: 'a collection', scope: top },
  { what: 'a collection below an item', scope: below },
])('a page of $what, in the order of creation', ({ scope }) => {
  it('reads its own items and no others', async () => {
    await fill(scope);
    await db.query('analyze resources');
    for (const descending of [true, false]) {
      const [first, second, read] = await db.transaction(async (tx) => {
        const query = { ...newest, sort: { ...newest.sort, descending } };
        const before = await rowsRead(tx);
        const page = await listResources(tx, scope, query);
        const last = page.at(-1);
        const after = { value: last?.createdAt, id: last?.id ?? '' };
        const next = await listResources(tx, scope, { ...query, after });
        return [page, next, (await rowsRead(tx)) - before] as const;
      });
      expect(new Set([...first, ...second].map(({ id }) => id)).size).toBe(40);
      expect(read).toBe(40);
    }
  });
});

import type { Mode } from '#catalog';
import type { Queryable } from './database.ts';
import { newId } from './id.ts';

/** A JSON object of some collection. `version` counts its changes from 1. */
export interface StoredResource {
  id: string;
  body: Record<string, unknown>;
  version: number;
  createdAt: string;
  updatedAt: string;
}

/** Whose items are meant: nothing outside of it is ever read or written. */
export interface CollectionScope {
  organizationId: string;
  mode: Mode;
  collection: string;
  parentId: string | null;
}

const columns = `r.id, r.body, r.version, r.created_at as "createdAt", r.updated_at as "updatedAt"`;
const collection = 'r.organization_id = $1 and r.mode = $2 and r.collection = $3';
const within = `${collection} and r.parent_id is not distinct from $4`;

const scopeValues = (scope: CollectionScope) => [
  scope.organizationId,
  scope.mode,
  scope.collection,
  scope.parentId,
];

export async function insertResource(
  tx: Queryable,
  scope: CollectionScope,
  idPrefix: string,
  body: Record<string, unknown>,
): Promise<StoredResource> {
  const [row] = await tx.query<StoredResource>(
    `insert into resources as r (organization_id, mode, collection, parent_id, id, body)
     values ($1, $2, $3, $4, $5, $6) returning ${columns}`,
    [...scopeValues(scope), newId(idPrefix), JSON.stringify(body)],
  );
  if (!row) throw new Error('insert returned no row');
  return row;
}

/** One item; `lock` holds its row until the transaction ends. */
export async function findResource(
  db: Queryable,
  scope: CollectionScope,
  id: string,
  { lock = false } = {},
): Promise<StoredResource | null> {
  const [row] = await db.query<StoredResource>(
    `select ${columns} from resources r where ${within} and r.id = $5 ${lock ? 'for update' : ''}`,
    [...scopeValues(scope), id],
  );
  return row ?? null;
}

export async function updateResource(
  tx: Queryable,
  id: string,
  body: Record<string, unknown>,
): Promise<StoredResource> {
  const [row] = await tx.query<StoredResource>(
    `update resources r set body = $2, version = r.version + 1, updated_at = now() where r.id = $1 returning ${columns}`,
    [id, JSON.stringify(body)],
  );
  if (!row) throw new Error(`resource ${id} vanished under its lock`);
  return row;
}

/** Deletes an item and all that stands below it. */
export async function deleteResource(tx: Queryable, id: string): Promise<void> {
  await tx.query('delete from resources r where r.id = $1', [id]);
}

export interface ResourceQuery {
  limit: number;
  /** Field → the JSON value it must equal. */
  filters: ReadonlyMap<string, unknown>;
  /** A field of the body, or one of the two times. */
  sort: { field: string; descending: boolean };
  /** The sort field's value and the id of the last item of the page before. */
  after: { value: unknown; id: string } | null;
}

/** A page of a collection in the order of one field, and of ids where it is equal; missing values come first. */
export function listResources(
  db: Queryable,
  scope: CollectionScope,
  query: ResourceQuery,
): Promise<StoredResource[]> {
  const { organizationId, mode, parentId } = scope;
  const values: unknown[] = [organizationId, mode, scope.collection];
  const bind = (value: unknown) => `$${values.push(value)}`;
  // Not `is not distinct from`, which no index answers.
  const conditions = [
    collection,
    parentId === null ? 'r.parent_id is null' : `r.parent_id = ${bind(parentId)}`,
  ];
  for (const [field, value] of query.filters) {
    conditions.push(`r.body -> ${bind(field)}::text = ${bind(JSON.stringify(value))}::jsonb`);
  }

  const { field, descending } = query.sort;
  const times = field === 'created_at' ? 'r.created_at' : field === 'updated_at' ? 'r.updated_at' : null;
  const key = times ?? `coalesce(r.body -> ${bind(field)}::text, 'null'::jsonb)`;
  if (query.after) {
    const value = times
      ? `${bind(query.after.value)}::timestamptz`
      : `${bind(JSON.stringify(query.after.value))}::jsonb`;
    conditions.push(`(${key}, r.id) ${descending ? '<' : '>'} (${value}, ${bind(query.after.id)})`);
  }
  const direction = descending ? 'desc' : 'asc';
  // By the parent, too, which is the same in all: the order of an index that `is null` alone does not lead to.
  const order = ['r.parent_id', key, 'r.id'].map((each) => `${each} ${direction}`).join(', ');
  return db.query<StoredResource>(
    `select ${columns} from resources r where ${conditions.join(' and ')}
     order by ${order} limit ${bind(query.limit)}`,
    values,
  );
}

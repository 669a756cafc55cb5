import { z } from 'zod';
import { type Operation, operations, Problem, type Resource, wireTime } from '#catalog';
import {
  type CollectionScope,
  type Database,
  deleteResource,
  findResource,
  insertResource,
  listResources,
  type Queryable,
  type StoredResource,
  updateResource,
} from '#store';
import { recordChange } from './audit.ts';
import { etagMatches, etagOf, requireMatch } from './etag.ts';
import { decodeCursor, idCursor, pageQuery, toPage } from './list-page.ts';
import { mergePatch } from './merge-patch.ts';
import { bareSchema } from './merge-patch-schema.ts';
import {
  type ResourceAnswer,
  resourceAnswer,
  resourceBody,
  resourcePatch,
  resourceWords,
} from './resource-answers.ts';
import { type ApiRequest, type Route, route } from './route.ts';
import { validate } from './validate.ts';
import { utcTime } from './wire-schemas.ts';

type ResourceRoute = Pick<Route, 'path' | 'scope' | 'tag' | 'summary'>;
type MakeRoute = (db: Database, at: Place, declared: ResourceRoute) => Route;

/** A resource and the collections above it, outermost first. */
interface Place {
  resource: Resource;
  parents: readonly Resource[];
}

const makers: Record<Operation, MakeRoute> = {
  list: listRoute,
  create: createRoute,
  get: getRoute,
  replace: replaceRoute,
  update: updateRoute,
  delete: deleteRoute,
};

/** The routes of a resource and of the collections below its items: the operations that the product declares. */
export function resourceRoutes(db: Database, resource: Resource, parents: readonly Resource[] = []): Route[] {
  const collection = [...parents.map((parent, depth) => `${parent.path}/:id${depth}`), resource.path].join(
    '',
  );
  const own = operations.flatMap((operation) => {
    const scope = resource.operations[operation];
    if (scope === undefined) return [];
    const path =
      operation === 'list' || operation === 'create' ? collection : `${collection}/:id${parents.length}`;
    const { tag, summary } = resourceWords(operation, resource, parents);
    return makers[operation](db, { resource, parents }, { path, scope, tag, summary });
  });
  const below = resource.children.flatMap((child) => resourceRoutes(db, child, [...parents, resource]));
  return [...own, ...below];
}

function listRoute(db: Database, place: Place, declared: ResourceRoute): Route {
  const { resource } = place;
  const query = z.strictObject({
    ...pageQuery,
    sort: sortParameter(resource),
    ...Object.fromEntries(resource.filters.map((field) => [field, filterParameter(resource, field)])),
  });
  return route({
    ...declared,
    method: 'get',
    query,
    answer: resourceAnswer(resource),
    list: true,
    async handle(request) {
      const { limit, cursor, sort, ...filters } = request.query;
      const field = sort.replace(/^-/, '');
      const after = decodeCursor(cursor, () => {
        const value = isTime(field) ? utcTime : z.json();
        return z.object({ sort: z.literal(sort), value, id: idCursor });
      });
      const wanted = new Map(Object.entries(filters).filter(([, value]) => value !== undefined));
      // What an index leads to is a look-up; what has to search or sort must not hold up those of credentials.
      const reader = wanted.size === 0 && field === 'created_at' ? db.pipeline : db;
      const items = await listResources(reader, await scopeOf(db.pipeline, place, request), {
        limit: limit + 1,
        filters: wanted,
        sort: { field, descending: sort.startsWith('-') },
        after,
      });
      const cursorOf = (item: StoredResource) => ({ sort, value: sortValue(item, field), id: item.id });
      const { nextCursor, items: shown } = toPage(items, limit, cursorOf);
      return { status: 200, page: { items: shown.map(present), nextCursor } };
    },
  });
}

function createRoute(db: Database, place: Place, declared: ResourceRoute): Route {
  const { resource } = place;
  return route({
    ...declared,
    method: 'post',
    body: resourceBody(resource),
    answer: resourceAnswer(resource),
    status: 201,
    versioned: true,
    handle: (request) =>
      db.transaction(async (tx) => {
        const scope = await scopeOf(tx, place, request);
        const created = await insertResource(tx, scope, resource.idPrefix, request.body);
        await record(tx, place, request, 'created', { after: created });
        return { status: 201, body: present(created), etag: etagOf(created.version) };
      }),
  });
}

function getRoute(db: Database, place: Place, declared: ResourceRoute): Route {
  return route({
    ...declared,
    method: 'get',
    answer: resourceAnswer(place.resource),
    versioned: true,
    async handle(request) {
      const found = await find(db.pipeline, place, request);
      const etag = etagOf(found.version);
      if (request.ifNoneMatch !== undefined && etagMatches(request.ifNoneMatch, etag))
        return { status: 304, etag };
      return { status: 200, body: present(found), etag };
    },
  });
}

function replaceRoute(db: Database, place: Place, declared: ResourceRoute): Route {
  return route({
    ...declared,
    method: 'put',
    body: resourceBody(place.resource),
    answer: resourceAnswer(place.resource),
    versioned: true,
    handle: (request) => change(db, place, request, () => request.body),
  });
}

/** PATCH takes a JSON merge patch (RFC 7396): null removes a field, and the result must be a whole resource. */
function updateRoute(db: Database, place: Place, declared: ResourceRoute): Route {
  const { schema } = place.resource;
  return route({
    ...declared,
    method: 'patch',
    body: resourcePatch(place.resource),
    answer: resourceAnswer(place.resource),
    versioned: true,
    handle: (request) =>
      change(db, place, request, (body) => validate(schema, mergePatch(body, request.body))),
  });
}

function deleteRoute(db: Database, place: Place, declared: ResourceRoute): Route {
  return route({
    ...declared,
    method: 'delete',
    answer: null,
    versioned: true,
    handle: (request) =>
      db.transaction(async (tx) => {
        const found = await find(tx, place, request, { lock: true });
        requireMatch(request.ifMatch, etagOf(found.version));
        await deleteResource(tx, found.id);
        await record(tx, place, request, 'deleted', { before: found });
        return { status: 204 };
      }),
  });
}

async function change(
  db: Database,
  place: Place,
  request: ApiRequest,
  newBody: (body: Record<string, unknown>) => Record<string, unknown>,
) {
  return db.transaction(async (tx) => {
    const found = await find(tx, place, request, { lock: true });
    requireMatch(request.ifMatch, etagOf(found.version));
    const changed = await updateResource(tx, found.id, newBody(found.body));
    await record(tx, place, request, 'updated', { before: found, after: changed });
    return { status: 200 as const, body: present(changed), etag: etagOf(changed.version) };
  });
}

async function find(db: Queryable, place: Place, request: ApiRequest, options?: { lock: boolean }) {
  const scope = await scopeOf(db, place, request);
  const id = request.params[place.parents.length] ?? '';
  const found = await findResource(db, scope, id, options);
  if (!found) throw new Problem('not_found', `no ${place.resource.collection} ${id}`);
  return found;
}

/** Where the route's items stand, after every parent in the path was found. Problem: `not_found`. */
async function scopeOf(db: Queryable, place: Place, request: ApiRequest): Promise<CollectionScope> {
  const within = (resource: Resource, parentId: string | null): CollectionScope => ({
    organizationId: request.caller.organizationId,
    mode: request.caller.mode,
    collection: resource.collection,
    parentId,
  });
  let parentId: string | null = null;
  for (const [depth, parent] of place.parents.entries()) {
    const found = await findResource(db, within(parent, parentId), request.params[depth] ?? '');
    if (!found) throw new Problem('not_found', `no ${parent.collection} ${request.params[depth]}`);
    parentId = found.id;
  }
  return within(place.resource, parentId);
}

function record(
  tx: Queryable,
  { resource }: Place,
  request: ApiRequest,
  verb: string,
  { before, after }: { before?: StoredResource; after?: StoredResource },
): Promise<void> {
  const targetType = resource.idPrefix;
  return recordChange(tx, request, {
    mode: request.caller.mode,
    action: `${resource.collection}.${verb}`,
    targetType,
    targetId: (after ?? before)?.id ?? '',
    before: before ? present(before) : null,
    after: after ? present(after) : null,
  });
}

function present(item: StoredResource): ResourceAnswer {
  return {
    id: item.id,
    ...item.body,
    created_at: wireTime(item.createdAt),
    updated_at: wireTime(item.updatedAt),
  };
}

function sortParameter(resource: Resource) {
  const fields = ['created_at', 'updated_at', ...resource.sorts];
  return z.enum(fields.flatMap((field) => [field, `-${field}`])).default('-created_at');
}

const isTime = (field: string) => field === 'created_at' || field === 'updated_at';

function sortValue(item: StoredResource, field: string): unknown {
  if (field === 'created_at') return item.createdAt;
  if (field === 'updated_at') return item.updatedAt;
  return item.body[field] ?? null;
}

/** A filter's text as the JSON value that its field holds: the schema decides between text, number, boolean. */
function filterParameter(resource: Resource, field: string): z.ZodType {
  const schema = bareSchema(resource.schema.shape[field] ?? z.never());
  return z
    .preprocess((text) => {
      if (typeof text !== 'string') return text;
      const candidates = [
        text,
        ...(text.trim() === '' ? [] : [Number(text)]),
        text === 'true' ? true : text === 'false' ? false : null,
      ];
      return candidates.find((candidate) => z.safeParse(schema, candidate).success) ?? text;
    }, schema)
    .optional();
}

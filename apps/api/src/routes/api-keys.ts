import { type ApiKeys, type Mode, missingScopes, Problem, type Product, wireTime } from '#catalog';
import { mintApiKey } from '#crypto';
import {
  type ApiKey,
  type Database,
  findApiKey,
  insertApiKey,
  listApiKeys,
  type Queryable,
  revokeApiKey,
  updateApiKey,
} from '#store';
import { type Caller, userOf } from '../caller.ts';
import { apiKeyChangeBody, apiKeyCreationBody, apiKeyListQuery } from './api-key-schemas.ts';
import { recordChange } from './audit.ts';
import { decodeCursor, idCursor, toPage } from './list-page.ts';
import { type ApiRequest, type Route, route } from './route.ts';

/** The routes to create, list, change and revoke API keys. A test credential sees and makes test keys only. */
export function apiKeyRoutes(db: Database, product: Product, declared: ApiKeys): Route[] {
  const { path, scope, scopesField } = declared;
  const item = `${path}/:id`;
  const present = (key: ApiKey) => presentKey(key, scopesField);

  return [
    route({
      method: 'get',
      path,
      scope,
      query: apiKeyListQuery,
      async handle({ caller, query }) {
        const keys = await listApiKeys(db, caller.organizationId, {
          limit: query.limit + 1,
          cursor: decodeCursor(query.cursor, idCursor),
          mode: onlyMode(caller) ?? query.mode ?? null,
        });
        const { items, nextCursor } = toPage(keys, query.limit, (key) => key.id);
        return { status: 200, page: { items: items.map(present), nextCursor } };
      },
    }),
    route({
      method: 'post',
      path,
      scope,
      body: apiKeyCreationBody(product, scopesField),
      handle: (request) =>
        db.transaction(async (tx) => {
          const { caller, body } = request;
          const mode = body.mode ?? caller.mode;
          if (onlyMode(caller) === 'test' && mode === 'live') {
            throw new Problem('live_mode_required', 'a test credential makes test keys only');
          }
          requireHeld(product, caller, body.scopes);
          const { key, hash, hint } = mintApiKey(product.keys.prefixes[mode]);
          const { organizationId } = caller;
          const created = await insertApiKey(tx, {
            ...body,
            organizationId,
            mode,
            hash,
            hint,
            createdBy: userOf(caller),
          });
          await record(tx, request, 'created', created, { after: present(created) });
          return { status: 201, body: { key, ...present(created) } };
        }),
    }),
    route({
      method: 'get',
      path: item,
      scope,
      handle: async (request) => ({ status: 200, body: present(await find(db, request)) }),
    }),
    route({
      method: 'patch',
      path: item,
      scope,
      body: apiKeyChangeBody(product, scopesField),
      handle: (request) =>
        db.transaction(async (tx) => {
          const before = await find(tx, request, { lock: true });
          const { name, scopes, allowedIps, expiresAt } = request.body;
          requireHeld(product, request.caller, scopes ?? []);
          const after = await updateApiKey(tx, before.id, {
            name: name ?? before.name,
            scopes: scopes ?? before.scopes,
            allowedIps: allowedIps ?? before.allowedIps,
            expiresAt: expiresAt === undefined ? before.expiresAt : expiresAt,
          });
          await record(tx, request, 'updated', after, { before: present(before), after: present(after) });
          return { status: 200, body: present(after) };
        }),
    }),
    route({
      method: 'delete',
      path: item,
      scope,
      handle: (request) =>
        db.transaction(async (tx) => {
          const before = await find(tx, request, { lock: true });
          await revokeApiKey(tx, before.id);
          await record(tx, request, 'revoked', before, { before: present(before) });
          return { status: 204 };
        }),
    }),
  ];
}

/** The one mode that a caller may see; null for a live caller, who sees both. */
function onlyMode(caller: Caller): Mode | null {
  return caller.mode === 'test' ? 'test' : null;
}

/** Problem: `insufficient_scope` when a key would get more than the caller holds. */
function requireHeld(product: Product, caller: Caller, scopes: readonly string[]): void {
  const [missing] = missingScopes(product, caller.scopes, scopes);
  if (missing !== undefined)
    throw new Problem('insufficient_scope', `the caller lacks ${missing}`, { scope: missing });
}

async function find(db: Queryable, { caller, params: [id = ''] }: ApiRequest, options?: { lock: boolean }) {
  const key = await findApiKey(db, caller.organizationId, id, options);
  if (!key || key.mode !== (onlyMode(caller) ?? key.mode)) throw new Problem('not_found', `no key ${id}`);
  return key;
}

function record(
  tx: Queryable,
  request: ApiRequest,
  verb: string,
  { id, mode }: ApiKey,
  { before = null, after = null }: { before?: unknown; after?: unknown },
): Promise<void> {
  return recordChange(tx, request, {
    mode,
    action: `api_key.${verb}`,
    targetType: 'api_key',
    targetId: id,
    before,
    after,
  });
}

function presentKey(key: ApiKey, scopesField: string) {
  const expired = key.expiresAt !== null && Date.parse(key.expiresAt) <= Date.now();
  return {
    id: key.id,
    name: key.name,
    [scopesField]: key.scopes,
    mode: key.mode,
    status: expired ? 'expired' : 'active',
    hint: key.hint,
    allowed_ips: key.allowedIps,
    expires_at: key.expiresAt && wireTime(key.expiresAt),
    created_by: key.createdBy,
    created_at: wireTime(key.createdAt),
    updated_at: wireTime(key.updatedAt),
  };
}

import { z } from 'zod';
import type { ApiKeys, Product } from '#catalog';
import { mintApiKey } from '#crypto';
import { type ApiKey, type Database, insertApiKey, listApiKeys, revokeApiKey, updateApiKey } from '#store';
import { makerOf } from '../caller.ts';
import { liveModeRequired } from '../credentials/require-live.ts';
import { allowlistProblems, requireAllowlistPlan, requireNoLockout } from './allowlist.ts';
import {
  findKey,
  isOwnKey,
  lockKey,
  onlyMode,
  presentKey,
  recordKeyChange,
  requireHeld,
} from './api-key-access.ts';
import { apiKeyActionRoutes } from './api-key-actions.ts';
import { apiKeyAnswer, mintedKeyAnswer } from './api-key-answers.ts';
import { apiKeyChangeBody, apiKeyCreationBody, apiKeyListQuery, sortOf } from './api-key-schemas.ts';
import { requireWithinPlan } from './key-windows.ts';
import { decodeCursor, idCursor, toPage } from './list-page.ts';
import { type Route, route } from './route.ts';

/** The routes to manage API keys. A test credential sees and makes test keys only. */
export function apiKeyRoutes(db: Database, product: Product, declared: ApiKeys): Route[] {
  const { path, scope, scopesField } = declared;
  const item = `${path}/:id`;
  const present = (key: ApiKey) => presentKey(key, scopesField);
  const common = { scope, tag: 'API keys', answer: apiKeyAnswer(product, scopesField) };

  return [
    route({
      ...common,
      method: 'get',
      path,
      summary: 'List API keys',
      list: true,
      query: apiKeyListQuery,
      async handle({ caller, query }) {
        const sort = sortOf(query.sort);
        const after = decodeCursor(query.cursor, () => {
          const value = sort.field === 'name' ? z.string() : z.iso.datetime().regex(/^20/).nullable();
          return z.object({ sort: z.literal(query.sort), value, id: idCursor });
        });
        const keys = await listApiKeys(db, caller.organizationId, {
          limit: query.limit + 1,
          mode: onlyMode(caller) ?? query.mode ?? null,
          status: query.status ?? null,
          sort,
          after,
        });
        const cursorOf = (key: ApiKey) => ({ sort: query.sort, value: key[sort.property], id: key.id });
        const { items, nextCursor } = toPage(keys, query.limit, cursorOf);
        return { status: 200, page: { items: items.map(present), nextCursor } };
      },
    }),
    route({
      ...common,
      method: 'post',
      path,
      summary: 'Create an API key',
      answer: mintedKeyAnswer(product, scopesField),
      status: 201,
      problems: ['live_mode_required', ...allowlistProblems(product)],
      body: apiKeyCreationBody(product, scopesField),
      handle: (request) =>
        db.transaction(async (tx) => {
          const { caller, body } = request;
          const mode = body.mode ?? caller.mode;
          if (onlyMode(caller) === 'test' && mode === 'live') {
            throw liveModeRequired('A test key makes test keys only.');
          }
          requireHeld(product, caller, body.scopes);
          requireAllowlistPlan(product, caller, body.allowedIps);
          const { organizationId } = caller;
          await requireWithinPlan(tx, product, { organizationId, mode }, body.windows);
          const { key, hash, hint } = mintApiKey(product.keys.prefixes[mode]);
          const createdBy = makerOf(caller);
          const created = await insertApiKey(tx, { ...body, organizationId, mode, hash, hint, createdBy });
          await recordKeyChange(tx, request, 'created', created, { after: present(created) });
          return { status: 201, body: { key, ...present(created) } };
        }),
    }),
    route({
      ...common,
      method: 'get',
      path: item,
      summary: 'Get an API key',
      handle: async (request) => ({ status: 200, body: present(await findKey(db, request)) }),
    }),
    route({
      ...common,
      method: 'patch',
      path: item,
      summary: 'Update an API key',
      problems: ['conflict', ...allowlistProblems(product)],
      body: apiKeyChangeBody(product, scopesField),
      handle: (request) =>
        db.transaction(async (tx) => {
          const before = await lockKey(tx, request);
          const { name, scopes, allowedIps, windows, metadata, expiresAt, force } = request.body;
          requireHeld(product, request.caller, scopes ?? []);
          requireAllowlistPlan(product, request.caller, allowedIps ?? []);
          await requireWithinPlan(tx, product, before, windows ?? []);
          if (isOwnKey(request.caller, before)) requireNoLockout(request, allowedIps ?? [], force);
          const after = await updateApiKey(tx, before, {
            name: name ?? before.name,
            scopes: scopes ?? before.scopes,
            allowedIps: allowedIps ?? before.allowedIps,
            windows: windows ?? before.windows,
            metadata: metadata ?? before.metadata,
            expiresAt: expiresAt === undefined ? before.expiresAt : expiresAt,
          });
          await recordKeyChange(tx, request, 'updated', after, {
            before: present(before),
            after: present(after),
          });
          return { status: 200, body: present(after) };
        }),
    }),
    route({
      ...common,
      method: 'delete',
      path: item,
      summary: 'Revoke an API key',
      answer: null,
      problems: ['conflict'],
      handle: (request) =>
        db.transaction(async (tx) => {
          const before = await lockKey(tx, request);
          await revokeApiKey(tx, before.id);
          await recordKeyChange(tx, request, 'revoked', before, { before: present(before) });
          return { status: 204 };
        }),
    }),
    ...apiKeyActionRoutes(db, product, declared),
  ];
}

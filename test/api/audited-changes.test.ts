import { beforeAll, describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { hashSecret } from '#crypto';
import { memoryLimiter } from '../../apps/api/src/limits/memory-limiter.ts';
import { exampleOf } from '../../apps/api/src/openapi/example-of.ts';
import { jsonSchemaOf } from '../../apps/api/src/openapi/json-schema.ts';
import type { Route } from '../../apps/api/src/routes/route.ts';
import { routeTable } from '../../apps/api/src/routes/route-table.ts';
import { entriesOf } from '../support/audit.ts';
import { callAs, field, textField } from '../support/call.ts';
import { createConsent, createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

// For every route that changes something, of every product: the cases come from the route table, so a new route is
// covered as soon as it is declared.
const db = await createTestDatabase();
const prepared = await Promise.all(['vaultwares', 'torvus'].map(prepare));

describe.each(prepared)(
  '$slug: each change',
  ({ organizationId, key, unlucky, origin, routes, bodyOf, pathOf }) => {
    const cases = routes.map((route) => [route.method.toUpperCase(), route.path, route] as const);
    const send = (route: Route, at: string, credential: string, json = bodyOf(route)) =>
      callAs(credential, origin + at, {
        method: route.method.toUpperCase(),
        ...(route.body !== null && { json }),
      });

    // Whatever this key changes, its audit entry can't be written.
    beforeAll(async () => {
      await db.query(
        `create or replace function refuse_entry() returns trigger language plpgsql
       as $$ begin raise exception 'no room'; end $$`,
      );
      await db.query(
        `create trigger refuse_${unlucky.id} before insert on audit_entries for each row
       when (new.actor_id = '${unlucky.id}') execute function refuse_entry()`,
      );
    });

    it('is there to look at', () => {
      expect(cases.length).toBeGreaterThan(8);
    });

    it.each(cases)(
      '%s %s leaves one entry: who, what, before and after, from where',
      async (method, path, route) => {
        const at = await pathOf(path);
        const before = await entriesOf(db, organizationId);
        const answer = await send(route, at, key.key);
        expect([answer.status, answer.body]).toEqual([route.status, answer.body]);

        const [entry, ...others] = (await entriesOf(db, organizationId)).slice(before.length);
        expect(others).toEqual([]);
        const ids = at.match(/[a-z]+_[0-9a-z]{26}/g) ?? [];
        // What an item has below it, as a client its secrets, is a part of the item.
        expect([field(answer.body, 'id'), ...ids.toReversed()]).toContain(entry?.targetId);
        expect(entry).toMatchObject({
          mode: 'live',
          actorType: 'api_key',
          actorId: key.id,
          action: expect.stringMatching(/^[a-z_-]+\.[a-z_]+$/),
          requestId: answer.headers.get('X-Request-Id'),
          ipAddress: '127.0.0.1',
        });
        const creates = route.status === 201;
        const sides = [JSON.parse(entry?.before ?? ''), JSON.parse(entry?.after ?? '')];
        // A revoked key stays, to be looked at.
        const stays = method !== 'DELETE' || (await callAs(key.key, origin + at)).status === 200;
        expect(sides.map((side) => side !== null)).toEqual([!creates, stays]);

        const secrets = [key.key, field(answer.body, 'key')].filter((secret) => typeof secret === 'string');
        for (const secret of secrets) {
          expect(JSON.stringify(entry)).not.toContain(secret);
          for (const encoding of ['hex', 'base64', 'base64url'] as const)
            expect(JSON.stringify(entry)).not.toContain(hashSecret(secret).toString(encoding));
        }
      },
    );

    it.each(cases)('%s %s is not made when its entry can’t be written', async (_method, path, route) => {
      const at = await pathOf(path);
      const before = await contents();
      expect((await send(route, at, unlucky.key)).status).toBe(500);
      expect(await contents()).toEqual(before);
    });

    it.each(cases)('%s %s leaves none when it is refused', async (_method, path, route) => {
      const at = await pathOf(path);
      const before = await contents();
      const unknown = at.replace(/_[0-9a-z]{26}/g, `_${'0'.repeat(26)}`);
      if (unknown !== at) expect((await send(route, unknown, key.key)).status).toBe(404);
      expect((await send(route, `${at}?nonsense=1`, key.key)).status).toBe(400);
      if (route.body !== null)
        expect((await send(route, at, key.key, { nonsense: { 'not a': 'field' } })).status).toBe(400);
      expect(await contents()).toEqual(before);
    });
  },
);

async function prepare(slug: string) {
  const product = await loadProduct(slug);
  const windows = [{ name: 'minute', limit: 1_000_000, seconds: 60 }];
  const unlimited = {
    ...product,
    plans: { ...product.plans, [product.defaultPlan]: { windows } },
    anonymousWindows: windows,
    oauth: { ...product.oauth, plans: [product.defaultPlan] },
  };
  const { id: organizationId } = await createOrganization(db, unlimited);
  const scopes = Object.keys(product.scopes);
  const key = await createKey(db, product, organizationId, scopes);
  const unlucky = await createKey(db, product, organizationId, scopes);
  const { origin } = await startApi({ db, product: unlimited });
  const explains = product.capabilities.find(({ capability }) => capability === 'explainAccess')?.path;
  const all = routeTable({
    db,
    product: unlimited,
    limiter: memoryLimiter(),
    findUnwritten: () => null,
    apiUrl: origin,
    authUrl: origin,
    encryptionKey: '0'.repeat(64),
  });
  const routes = all.filter(
    ({ method, open, path }) => method !== 'get' && !open && path !== `${product.basePath}${explains}`,
  );
  let made = 0;

  const bodyOf = (route: Route): unknown => {
    const body = route.body && exampleOf(jsonSchemaOf(route.body, 'input'));
    return typeof field(body, 'email') === 'string'
      ? { ...Object(body), email: `member${made++}@example.com` }
      : body;
  };

  /** A path of the table with the ids of items that are made for it. */
  async function pathOf(path: string): Promise<string> {
    const [, collection, after = ''] = /^(.*)\/:\w+(.*)$/.exec(path) ?? [];
    if (collection === undefined) return path;
    // An app is let in by a person, and by no route of the API.
    if (collection.endsWith('/apps/consents')) {
      return `${collection}/${(await createConsent(db, product, organizationId)).id}${after}`;
    }
    const creation = all.find((route) => route.method === 'post' && route.path === collection);
    if (!creation) throw new Error(`nothing can be made at ${collection}`);
    const at = await pathOf(collection);
    const created = await callAs(key.key, origin + at, { method: 'POST', json: bodyOf(creation) });
    const item = `${at}/${textField(created.body, 'id')}`;
    if (after === '/resume') await callAs(key.key, `${origin}${item}/pause`, { method: 'POST' });
    return item + after;
  }
  return { slug, organizationId, key, unlucky, origin, routes, bodyOf, pathOf };
}

/** All that the database holds, but for last uses of keys and records and counts of requests, which are written now and then. */
async function contents(): Promise<unknown> {
  const tables = await db.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' and tablename !~ '^(knex|request)' order by 1`,
  );
  return Promise.all(
    tables.map(({ name }) =>
      db.query(
        `select '${name}' as name, (to_jsonb(t) - array['last_used_at', 'last_used_ip', 'last_used_user_agent'])::text as row
         from ${name} t order by 2`,
      ),
    ),
  );
}

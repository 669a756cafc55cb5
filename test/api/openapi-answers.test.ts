import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { mintApiKey } from '#crypto';
import { openDatabase, tryLockIdempotencyKey } from '#store';
import type { Limiter } from '../../apps/api/src/limits/limiter.ts';
import type { Operation } from '../../apps/api/src/openapi/document.ts';
import { exampleOf } from '../../apps/api/src/openapi/example-of.ts';
import { templateOf } from '../../apps/api/src/openapi/names.ts';
import type { Route } from '../../apps/api/src/routes/route.ts';
import { type Answer, callAs, field, textField } from '../support/call.ts';
import { allOperations, mistakesOf, resolved } from '../support/contract-mistakes.ts';
import { describedApis } from '../support/described-api.ts';
import { createConsent, createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';

// Every status that a document gives a route is brought about, and the answer held against the document.
for (const [name, start] of Object.entries(describedApis)) {
  const { routes, check } = await prepare(start);

  describe(`the document of ${name}`, () => {
    it.each(routes.map((route) => [route.method.toUpperCase(), route.path, route] as const))(
      'has every answer of %s %s, and no other',
      async (_method, _path, route) => {
        expect(await check(route)).toEqual({ mistakes: [], unseen: [] });
      },
    );
  });
}

async function prepare(start: (typeof describedApis)[keyof typeof describedApis]) {
  const { product, db, origin, routes, document } = await start();
  const limiterThat = (take: Limiter['take']): Limiter => ({ take, peek: take, close: async () => {} });
  const full = await startApi({
    db,
    product,
    limiter: limiterThat(async (_name, [window]) => {
      const states = window ? [{ ...window, remaining: 0, resetSeconds: 5 }] : [];
      return { allowed: false, windows: states, retryAfterSeconds: 5, nowMs: Date.now() };
    }),
  });
  const broken = await startApi({
    db,
    product,
    limiter: limiterThat(async () => {
      throw new Error('broken on purpose');
    }),
  });
  const away = await startApi({
    db: openDatabase({ url: 'postgres://keystile:x@127.0.0.1:1/none' }),
    product,
  });

  const scopes = Object.keys(product.scopes);
  const [plan] = product.allowlistPlans ?? Object.keys(product.plans);
  const newOrganization = () => createOrganization(db, product, { ...(plan && { plan }) });
  const { id: organizationId } = await newOrganization();
  const { key, id: keyId } = await createKey(db, product, organizationId, scopes);
  const { key: powerless } = await createKey(db, product, organizationId, []);
  const elsewhere = await createKey(db, product, organizationId, scopes, { allowedIps: ['192.0.2.1'] });
  let made = 0;

  const operationOf = ({ method, path }: Route) => {
    const operation = document.paths[templateOf(path)]?.[method];
    if (!operation) throw new Error(`${method} ${path} is not in the document`);
    return operation;
  };

  /** The body that the document gives as the example; an e-mail address is made a new one, a found key a real one. */
  const bodyOf = (route: Route): unknown => {
    const schema = operationOf(route).requestBody?.content['application/json']?.schema;
    const body = schema && exampleOf(Object(resolved(document, schema)));
    if (typeof field(body, 'email') === 'string')
      return { ...Object(body), email: `member${made++}@example.com` };
    return route.open && body ? { key: mintApiKey(product.keys.prefixes.live).key } : body;
  };

  /** A path of the table with the ids of items that are made for it. */
  async function pathOf(path: string, as = key): Promise<string> {
    const [, collection, after = ''] = /^(.*)\/:\w+(.*)$/.exec(path) ?? [];
    if (collection === undefined) return path;
    if (routes.some((route) => route.tag === 'Requests' && route.path === path)) {
      const { headers } = await callAs(as, origin + product.basePath);
      return `${collection}/${headers.get('X-Request-Id')}`;
    }
    if (collection.endsWith('/apps/consents')) {
      return `${collection}/${(await createConsent(db, product, organizationId)).id}`;
    }
    const creation = routes.find((route) => route.method === 'post' && route.path === collection);
    if (!creation) throw new Error(`nothing can be made at ${collection}`);
    const at = await pathOf(collection, as);
    const created = await callAs(as, origin + at, { method: 'POST', json: bodyOf(creation) });
    return `${at}/${textField(created.body, 'id')}${after}`;
  }

  /** Follows the links of an answer that are for reading; each one that doesn't lead anywhere. */
  async function deadLinks(operation: Operation, path: string, at: string, { body }: Answer) {
    const answer = operation.responses[201];
    const dead = [];
    for (const link of Object.values(answer && 'links' in answer ? (answer.links ?? {}) : {})) {
      const next = allOperations(document.paths).find(
        (each) => each.operation.operationId === link.operationId,
      );
      const target = next?.path.replace(/\{(\w+)\}/g, (_all, name: string) => {
        const [, , from = ''] =
          /^\$(request\.path\.|response\.body#\/)(\w+)$/.exec(link.parameters[name] ?? '') ?? [];
        const place = templateOf(path).split('/').indexOf(`{${from}}`);
        return place >= 0 ? (at.split('/')[place] ?? '') : textField(body, from);
      });
      const { status } = next?.method === 'get' ? await callAs(key, origin + target) : { status: 200 };
      if (!next || status !== 200) dead.push(`${link.operationId} at ${target} answers ${status}`);
    }
    return dead;
  }

  /** Sends a request that conflicts with what is there, in an organization of its own. */
  async function conflict(route: Route): Promise<Answer> {
    const owner = await createKey(db, product, (await newOrganization()).id, scopes);
    const at = await pathOf(route.path, owner.key);
    const [method, item] = [route.method.toUpperCase(), at.replace(/\/(rotate|pause|resume)$/, '')];
    if (route.tag === 'API keys') await callAs(owner.key, origin + item, { method: 'DELETE' });
    if (route.tag === 'Members')
      await callAs(owner.key, origin + item, { method: 'PATCH', json: { role: 'owner' } });
    const json = {
      Members: { name: 'No owner', role: 'viewer' },
      Organization: { allowed_ips: ['192.0.2.1'] },
    };
    const [, body = bodyOf(route)] = Object.entries(json).find(([tag]) => tag === route.tag) ?? [];
    return callAs(owner.key, origin + at, { method, ...(route.body && { json: body }) });
  }

  /** A keyed request twice over, with another query, and while another one holds its key. */
  async function keyed(at: string, json: object): Promise<Answer[]> {
    const send = (idempotencyKey: string, query = '') =>
      callAs(key, origin + at + query, {
        method: 'POST',
        ...json,
        headers: { 'Idempotency-Key': idempotencyKey },
      });
    const [first, second] = [randomUUID(), randomUUID()];
    const held = { caller: `${organizationId}:live:key:${keyId}`, key: second };
    return [
      await send(first),
      await send(first),
      await send(first, '?another=one'),
      await db.transaction(async (tx) => {
        expect(await tryLockIdempotencyKey(tx, held)).toBe(true);
        return send(second);
      }),
    ];
  }

  /** Has a route answer each of its statuses: what an answer has that the document doesn't, and back. */
  async function check(route: Route) {
    const operation = operationOf(route);
    const method = route.method.toUpperCase();
    const at = await pathOf(route.path);
    const json = operation.requestBody ? { json: bodyOf(route) } : {};
    const send = (credential: string, target: string, more = {}) =>
      callAs(credential, target, { method, ...json, ...more });
    const ifNone = route.method === 'get' ? 'If-None-Match' : 'If-Match';
    const stale = route.method === 'get' ? '*' : '"none"';
    const versioned = route.versioned && route.method !== 'post';
    const large = { body: JSON.stringify({ text: 'x'.repeat(1_048_576) }) };
    const typed = (type: string) => ({ headers: { 'Content-Type': type } });
    const none = origin + route.path.replace(/:\w+/g, 'none');
    const answers = [
      await send('', origin + at),
      await send('nonsense', origin + at),
      ...(route.scope === null ? [] : [await send(powerless, origin + at)]),
      await send(elsewhere.key, origin + at),
      ...(at === route.path ? [] : [await send(key, none)]),
      await send(key, origin + at, { method: 'PROPFIND' }),
      await send(key, `${origin}${at}?nonsense=1`),
      ...(operation.requestBody
        ? [
            await send(key, origin + at, typed('text/plain')),
            await send(key, origin + at, { ...typed('application/json'), json: undefined, ...large }),
            await send(key, origin + at, { json: [] }),
          ]
        : []),
      ...(versioned ? [await send(key, origin + at, { headers: { [ifNone]: stale } })] : []),
      ...(route.problems.includes('conflict') ? [await conflict(route)] : []),
      ...(method === 'POST' && !route.open ? await keyed(await pathOf(route.path), json) : []),
      await send(key, full.origin + at),
      await send(key, full.origin + at, { method: 'PROPFIND' }),
      await send(key, origin + at, { headers: { 'X-Large': 'x'.repeat(20_000) } }),
      await send(key, broken.origin + at),
      await send(key, away.origin + at),
    ];
    const place = method === 'POST' ? await pathOf(route.path) : at;
    const success = await send(key, origin + place, operation.requestBody ? { json: bodyOf(route) } : {});
    answers.push(success);
    const statuses = new Set(answers.map(({ status }) => String(status)));
    // Nothing of a route that only tells what it was made with can break, and of the health only PostgreSQL.
    const unbroken = ['500', ...(route.path === '/health' ? [] : ['503'])];
    const known = Object.keys(operation.responses).filter(
      (status) => route.counted || !unbroken.includes(status),
    );
    const name = `${method} ${route.path}`;
    return {
      mistakes: [
        ...answers.flatMap((answer) => mistakesOf(document, operation, answer)),
        ...(await deadLinks(operation, route.path, place, success)),
      ].map((mistake) => `${name}: ${mistake}`),
      unseen: known.filter((status) => !statuses.has(status)).map((status) => `${name}: no ${status}`),
    };
  }

  return { routes, check };
}

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { loadProduct, type Product } from '#catalog';
import { mintApiKey } from '#crypto';
import { openDatabase, tryLockIdempotencyKey } from '#store';
import type { Limiter } from '../../apps/api/src/limits/limiter.ts';
import { memoryLimiter } from '../../apps/api/src/limits/memory-limiter.ts';
import type { Answer as Described, Header, Operation } from '../../apps/api/src/openapi/document.ts';
import { exampleOf } from '../../apps/api/src/openapi/example-of.ts';
import { openApiDocument } from '../../apps/api/src/openapi/openapi-document.ts';
import { templateOf } from '../../apps/api/src/openapi/operation.ts';
import type { Route } from '../../apps/api/src/routes/route.ts';
import { routeTable } from '../../apps/api/src/routes/route-table.ts';
import { type Answer, call, callAs, field, textField } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const prepared = {
  vaultwares: await prepare('vaultwares'),
  torvus: await prepare('torvus'),
  'a product with keys in bodies': await prepare('vaultwares', {
    idempotency: { bodyField: 'idempotencyKey' },
  }),
};

describe.each(Object.entries(prepared))(
  'the document of %s',
  (_slug, { product, origin, document, routes, checks }) => {
    it('is what /openapi.json answers, without a credential and uncounted', async () => {
      const answer = await call(`${origin}/openapi.json`);
      expect([answer.status, answer.headers.get('Content-Type')]).toEqual([
        200,
        'application/json; charset=utf-8',
      ]);
      expect(answer.headers.get('X-RateLimit-Limit')).toBeNull();
      expect(answer.body).toEqual(JSON.parse(JSON.stringify(document)));
      const etag = answer.headers.get('ETag') ?? '';
      const again = await call(`${origin}/openapi.json`, { headers: { 'If-None-Match': etag } });
      expect([again.status, again.body]).toEqual([304, '']);
      const refused = await call(`${origin}/openapi.json`, { method: 'POST' });
      expect([refused.status, refused.headers.get('Allow')]).toEqual([405, 'GET, HEAD']);
    });

    it('has each route of the table, and no other', async () => {
      const described = Object.entries(document.paths).flatMap(([path, item]) =>
        Object.keys(item).map((method) => `${method} ${path}`),
      );
      expect(described.toSorted()).toEqual(
        routes.map(({ method, path }) => `${method} ${templateOf(path)}`).toSorted(),
      );
    });

    it('is OpenAPI 3.1: ids are unique, references lead somewhere, path parameters are described', async () => {
      expect(document.openapi).toMatch(/^3\.1\.\d$/);
      const operations = allOperations(document.paths);
      const ids = operations.map(({ operation }) => operation.operationId);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { path, operation } of operations) {
        expect(operation.operationId).toMatch(/^[a-z][A-Za-z]+$/);
        const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
        expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
        for (const scheme of operation.security.flatMap(Object.keys))
          expect(document.components.securitySchemes).toHaveProperty(scheme);
      }
      const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref);
      expect(references.length).toBeGreaterThan(50);
      for (const reference of new Set(references)) {
        expect(reference).toMatch(/^#\/components\//);
        const keys = String(reference).split('/').slice(1);
        expect([reference, typeof field(document, ...keys)]).toEqual([reference, 'object']);
      }
    });

    it('tells the scope of each route, takes the product’s own header where it has one, and no credential where none is wanted', async () => {
      for (const { method, path, open, scope } of routes) {
        const { security = [] } = document.paths[templateOf(path)]?.[method] ?? {};
        if (open) {
          expect([path, security]).toEqual([path, []]);
          continue;
        }
        expect(security).toContainEqual({ bearer: scope === null ? [] : [scope] });
        expect(security.some((scheme) => 'apiKey' in scheme)).toBe(product.keys.header !== undefined);
      }
    });

    it('matches what each route answers, at every status that it tells of', async () => {
      const seen = await checks();
      expect(seen.flatMap(({ mistakes }) => mistakes)).toEqual([]);
      expect(seen.flatMap(({ unseen }) => unseen)).toEqual([]);
    });
  },
);

describe('the routes without a credential', () => {
  const { document, routes } = prepared.vaultwares;

  it('are in the document beside those with one', () => {
    const open = routes.filter((route) => route.open).map(({ method, path }) => `${method} ${path}`);
    expect(open.toSorted()).toEqual([
      'get /.well-known/secret-scanning.json',
      'get /docs',
      'get /health',
      'get /openapi.json',
      'post /v1/leaked-keys',
    ]);
    expect(document.servers).toEqual([{ url: prepared.vaultwares.origin }]);
  });
});

describe('the field for idempotency keys', () => {
  const bodyOf = ({ document }: typeof prepared.vaultwares, path: string, method = 'post') =>
    resolved(document, document.paths[path]?.[method]?.requestBody?.content['application/json']?.schema);
  const properties = (body: unknown) => Object.keys(Object(field(body, 'properties')));
  const withField = prepared['a product with keys in bodies'];

  it('stands in the body of each POST of a caller, and nowhere else', () => {
    expect(properties(bodyOf(withField, '/v1/devices'))).toContain('idempotencyKey');
    expect(properties(bodyOf(withField, '/v1/api-keys/{id}/pause'))).toEqual(['idempotencyKey']);
    for (const each of [0, 1])
      expect(properties(field(bodyOf(withField, '/v1/auth/explain'), 'anyOf', each))).toContain(
        'idempotencyKey',
      );
    expect(properties(bodyOf(withField, '/v1/devices/{id}', 'put'))).not.toContain('idempotencyKey');
    expect(properties(bodyOf(withField, '/v1/leaked-keys'))).toEqual(['key', 'url']);
    expect(JSON.stringify(prepared.vaultwares.document)).not.toContain('idempotencyKey');
  });
});

async function prepare(slug: string, more: Partial<Product> = {}) {
  const product = await loadProduct(slug);
  const windows = [{ name: 'minute', limit: 1_000_000, seconds: 60 }];
  const unlimited = {
    ...product,
    ...more,
    plans: Object.fromEntries(Object.keys(product.plans).map((plan) => [plan, { windows }])),
    anonymousWindows: windows,
  };
  const db = await createTestDatabase();
  const { origin } = await startApi({ db, product: unlimited });
  const urls = { apiUrl: origin, authUrl: 'http://127.0.0.1:1' };
  const routes = routeTable({
    db,
    product: unlimited,
    limiter: memoryLimiter(),
    findUnwritten: () => null,
    ...urls,
  });
  const document = openApiDocument(unlimited, routes, urls);
  const limiterThat = (take: Limiter['take']): Limiter => ({ take, peek: take, close: async () => {} });
  const full = await startApi({
    db,
    product: unlimited,
    limiter: limiterThat(async (_name, [window]) => {
      const states = window ? [{ ...window, remaining: 0, resetSeconds: 5 }] : [];
      return { allowed: false, windows: states, retryAfterSeconds: 5, nowMs: Date.now() };
    }),
  });
  const broken = await startApi({
    db,
    product: unlimited,
    limiter: limiterThat(async () => {
      throw new Error('broken on purpose');
    }),
  });
  const away = await startApi({
    db: openDatabase({ url: 'postgres://keystile:x@127.0.0.1:1/none' }),
    product: unlimited,
  });

  const scopes = Object.keys(product.scopes);
  const [plan] = product.allowlistPlans ?? Object.keys(product.plans);
  const newOrganization = () => createOrganization(db, unlimited, { ...(plan && { plan }) });
  const { id: organizationId } = await newOrganization();
  const { key, id: keyId } = await createKey(db, unlimited, organizationId, scopes);
  const { key: powerless } = await createKey(db, unlimited, organizationId, []);
  const elsewhere = await createKey(db, unlimited, organizationId, scopes, { allowedIps: ['192.0.2.1'] });
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
    if (
      product.capabilities.some(
        (has) => has.capability === 'requestLog' && product.basePath + has.path === collection,
      )
    ) {
      const { headers } = await callAs(key, origin + product.basePath);
      return `${collection}/${headers.get('X-Request-Id')}`;
    }
    const creation = routes.find((route) => route.method === 'post' && route.path === collection);
    if (!creation) throw new Error(`nothing can be made at ${collection}`);
    const at = await pathOf(collection, as);
    const created = await callAs(as, origin + at, { method: 'POST', json: bodyOf(creation) });
    return `${at}/${textField(created.body, 'id')}${after}`;
  }

  /** Sends a request that conflicts with what is there, in an organization of its own. */
  async function conflict(route: Route): Promise<Answer> {
    const owner = await createKey(db, unlimited, (await newOrganization()).id, scopes);
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
      ...(method === 'POST' && !route.open ? await keyed(at, json) : []),
      await send(key, full.origin + at),
      await send(key, full.origin + at, { method: 'PROPFIND' }),
      await send(key, origin + at, { headers: { 'X-Large': 'x'.repeat(20_000) } }),
      await send(key, broken.origin + at),
      await send(key, away.origin + at),
      await send(key, origin + (method === 'POST' ? await pathOf(route.path) : at), json),
    ];
    const statuses = new Set(answers.map(({ status }) => String(status)));
    // Nothing of a route that only tells what it was made with can break, and of the health only PostgreSQL.
    const unbroken = ['500', ...(route.path === '/health' ? [] : ['503'])];
    const known = Object.keys(operation.responses).filter(
      (status) => route.counted || !unbroken.includes(status),
    );
    const name = `${method} ${route.path}`;
    return {
      mistakes: answers.flatMap((answer) =>
        mistakesOf(document, operation, answer).map((mistake) => `${name}: ${mistake}`),
      ),
      unseen: known.filter((status) => !statuses.has(status)).map((status) => `${name}: no ${status}`),
    };
  }

  const checks = async () => {
    const seen = [];
    for (const route of routes) seen.push(await check(route));
    return seen;
  };
  return { product, origin, document, routes, checks };
}

function allOperations(paths: Record<string, Record<string, Operation>>) {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.values(item).map((operation) => ({ path, operation })),
  );
}

/** A part of the document with its references replaced by what they lead to. */
function resolved(document: object, part: unknown): unknown {
  return JSON.parse(JSON.stringify(part), (_key, value) => {
    const reference = field(value, '$ref');
    return typeof reference === 'string'
      ? resolved(document, field(document, ...reference.split('/').slice(1)))
      : value;
  });
}

/** Headers that HTTP itself has, and those of `securityHeaders`: no contract of this API's. */
const plain =
  /^(access-control-allow-origin|cache-control|connection|content-(length|security-policy|type)|cross-origin-resource-policy|date|keep-alive|referrer-policy|strict-transport-security|vary|x-content-type-options)$/;

function mistakesOf(document: { components: object }, operation: Operation, answer: Answer): string[] {
  const { status, body } = answer;
  const found = operation.responses[status];
  if (!found) return [`${status} is not in the document`];
  const described: { headers: Record<string, Header>; content?: Described['content'] } = Object(
    resolved(document, found),
  );
  const names = new Set([...Object.keys(described.headers), ...answer.headers.keys()].map(lower));
  const headers = [...names].flatMap((name) => {
    const value = answer.headers.get(name);
    const [, header] = Object.entries(described.headers).find(([each]) => lower(each) === name) ?? [];
    if (value === null) return header?.required ? [`${status} lacks ${name}`] : [];
    if (!header) return status >= 500 || plain.test(name) ? [] : [`${status} has ${name}`];
    const typed = header.schema.type === 'integer' ? Number(value) : value;
    return z.fromJSONSchema(header.schema).safeParse(typed).success ? [] : [`${name} is ${value}`];
  });
  const [type = ''] = (answer.headers.get('Content-Type') ?? '').split(';');
  if (!described.content) return body === '' ? headers : [...headers, `${status} has a body`];
  const schema = described.content[type]?.schema;
  if (!schema) return [...headers, `${status} is ${type}`];
  const { error } = z.fromJSONSchema(schema).safeParse(body);
  const code = field(body, 'error', 'code') ?? field(body, 'error');
  const codes = Object.values(described.content[type]?.examples ?? {}).map(({ summary }) => summary);
  if (status >= 400 && !codes.includes(String(code))) return [...headers, `${status} is ${code}`];
  return error ? [...headers, `${status} ${JSON.stringify(body)}: ${error.message}`] : headers;
}

const lower = (name: string) => name.toLowerCase();

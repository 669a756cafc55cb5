import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { loadProduct } from '#catalog';
import { openDatabase } from '#store';
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

const prepared = { vaultwares: await prepare('vaultwares'), torvus: await prepare('torvus') };

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

    it('tells the scope of each route, and takes the product’s own header where it has one', async () => {
      for (const { method, path, scope } of routes) {
        const security = document.paths[templateOf(path)]?.[method]?.security ?? [];
        expect(security).toContainEqual({ bearer: scope === null ? [] : [scope] });
        expect(security.some((scheme) => 'apiKey' in scheme)).toBe(product.keys.header !== undefined);
      }
    });

    it('matches what each route answers, in success and in error', async () => {
      const seen = await checks();
      expect(seen.flatMap(({ mistakes }) => mistakes)).toEqual([]);
      const statuses = new Set(seen.map(({ status }) => status));
      expect([...statuses].sort()).toEqual([200, 201, 204, 304, 400, 401, 403, 404, 405, 412, 415, 429, 503]);
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
  };
  const db = await createTestDatabase();
  const routes = routeTable({
    db,
    product: unlimited,
    limiter: memoryLimiter(),
    findUnwritten: () => null,
  });
  const { url, origin } = await startApi({ db, product: unlimited });
  const document = openApiDocument(unlimited, routes, { apiUrl: origin, authUrl: 'http://127.0.0.1:1' });
  const full = await startApi({
    db,
    product: unlimited,
    limiter: {
      async take(_name, [window]) {
        const states = window ? [{ ...window, remaining: 0, resetSeconds: 5 }] : [];
        return { allowed: false, windows: states, retryAfterSeconds: 5, nowMs: Date.now() };
      },
      async peek() {
        throw new Error('no request gets this far');
      },
      async close() {},
    },
  });
  const away = await startApi({
    db: openDatabase({ url: 'postgres://keystile:x@127.0.0.1:1/none' }),
    product: unlimited,
  });

  const { id: organizationId } = await createOrganization(db, unlimited);
  const { key } = await createKey(db, unlimited, organizationId, Object.keys(product.scopes));
  const { key: powerless } = await createKey(db, unlimited, organizationId, []);
  let made = 0;

  const operationOf = ({ method, path }: Route) => {
    const operation = document.paths[templateOf(path)]?.[method];
    if (!operation) throw new Error(`${method} ${path} is not in the document`);
    return operation;
  };

  /** The body that the document gives as the example; an e-mail address is made a new one. */
  const bodyOf = (route: Route): unknown => {
    const schema = operationOf(route).requestBody?.content['application/json']?.schema;
    const body = schema && exampleOf(Object(resolved(document, schema)));
    return typeof field(body, 'email') === 'string'
      ? { ...Object(body), email: `member${made++}@example.com` }
      : body;
  };

  /** A path of the table with the ids of items that are made for it. */
  async function pathOf(path: string): Promise<string> {
    const [, collection, after = ''] = /^(.*)\/:\w+(.*)$/.exec(path) ?? [];
    if (collection === undefined) return path;
    if (product.capabilities.some((has) => has.capability === 'requestLog' && has.path === collection)) {
      const { headers } = await callAs(key, url);
      return `${collection}/${headers.get('X-Request-Id')}`;
    }
    const creation = routes.find((route) => route.method === 'post' && route.path === collection);
    if (!creation) throw new Error(`nothing can be made at ${collection}`);
    const at = await pathOf(collection);
    const created = await callAs(key, url + at, { method: 'POST', json: bodyOf(creation) });
    return `${at}/${textField(created.body, 'id')}${after}`;
  }

  /** Sends a route's success and its common errors; what each answer has that the document doesn't, and back. */
  async function check(route: Route) {
    const operation = operationOf(route);
    const method = route.method.toUpperCase();
    const at = await pathOf(route.path);
    const json = route.body ? { json: bodyOf(route) } : {};
    const send = (credential: string, target: string, more = {}) =>
      callAs(credential, target, { method, ...json, ...more });
    const ifNone = route.method === 'get' ? 'If-None-Match' : 'If-Match';
    const stale = route.method === 'get' ? '*' : '"none"';
    const versioned = route.versioned && route.method !== 'post';
    const answers = [
      await send('', url + at),
      await send('nonsense', url + at),
      ...(route.scope === null ? [] : [await send(powerless, url + at)]),
      ...(at === route.path ? [] : [await send(key, url + route.path.replace(/:\w+/g, 'none'))]),
      await send(key, url + at, { method: 'PROPFIND' }),
      await send(key, `${url}${at}?nonsense=1`),
      ...(route.body ? [await send(key, url + at, { headers: { 'Content-Type': 'text/plain' } })] : []),
      ...(versioned ? [await send(key, url + at, { headers: { [ifNone]: stale } })] : []),
      await send(key, full.url + at),
      await send(key, away.url + at),
      await send(key, url + at),
    ];
    return answers.map((answer) => ({
      status: answer.status,
      mistakes: mistakesOf(document, operation, answer).map((mistake) => `${method} ${at}: ${mistake}`),
    }));
  }

  const checks = async () => {
    const seen = [];
    for (const route of routes) seen.push(...(await check(route)));
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

function mistakesOf(document: { components: object }, operation: Operation, answer: Answer): string[] {
  const found = operation.responses[answer.status];
  if (!found) return [`${answer.status} is not in the document`];
  const described: { headers: Record<string, Header>; content?: Described['content'] } = Object(
    resolved(document, found),
  );
  const known = Object.keys(Object(field(document, 'components', 'headers')));
  const headers = known.flatMap((name) => {
    const [value, header] = [answer.headers.get(name), described.headers[name]];
    if (value === null) return header?.required ? [`${answer.status} lacks ${name}`] : [];
    if (!header) return answer.status >= 500 ? [] : [`${answer.status} has ${name}`];
    const typed = header.schema.type === 'integer' ? Number(value) : value;
    return z.fromJSONSchema(header.schema).safeParse(typed).success ? [] : [`${name} is ${value}`];
  });
  const schema = described.content?.['application/json']?.schema;
  if (!schema) return answer.body === '' ? headers : [...headers, `${answer.status} has a body`];
  const { error } = z.fromJSONSchema(schema).safeParse(answer.body);
  return error ? [...headers, `${answer.status} ${JSON.stringify(answer.body)}: ${error.message}`] : headers;
}

import { describe, expect, it } from '@jest/globals';
import { templateOf } from '../../apps/api/src/openapi/names.ts';
import { call, callAs, field } from '../support/call.ts';
import { allOperations, mistakesOf, resolved } from '../support/contract-mistakes.ts';
import { describedApis, startDescribedApi } from '../support/described-api.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { organizationHeader, withPasswordLogin } from '../support/with-password-login.ts';

const prepared = {
  vaultwares: await describedApis.vaultwares(),
  torvus: await describedApis.torvus(),
  'a product with keys in bodies': await describedApis['a product with keys in bodies'](),
};
const { capabilities } = withPasswordLogin(prepared.vaultwares.product);
const withLogin = await startDescribedApi('vaultwares', { capabilities });

describe.each(Object.entries(prepared))(
  'the document of %s',
  (_slug, { product, origin, document, routes }) => {
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
  },
);

describe('the routes without a credential', () => {
  const { document, routes } = prepared.vaultwares;

  it('are in the document beside those with one', () => {
    const open = routes.filter((route) => route.open).map(({ method, path }) => `${method} ${path}`);
    expect(open.toSorted()).toEqual([
      'get /.well-known/oauth-protected-resource',
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

describe('the header that names an organization', () => {
  const { product, db, origin, document, routes } = withLogin;

  it('stands at each route with a credential, and at no other', () => {
    for (const { method, path, open } of routes) {
      const parameters = document.paths[templateOf(path)]?.[method]?.parameters ?? [];
      const named = parameters.filter(({ name }) => name === organizationHeader);
      expect([path, named.map((each) => [each.in, each.required])]).toEqual([
        path,
        open ? [] : [['header', false]],
      ]);
    }
    expect(JSON.stringify(prepared.vaultwares.document)).not.toContain(organizationHeader);
  });

  it('has its refusal described, also where any credential may call', async () => {
    const { id } = await createOrganization(db, product);
    const { key } = await createKey(db, product, id, []);
    const operation = document.paths['/v1/org/memberships']?.get;
    if (!operation) throw new Error('no such operation');
    const answer = await callAs(key, `${origin}/v1/org/memberships`, {
      headers: { [organizationHeader]: 'org_x' },
    });
    expect([answer.status, mistakesOf(document, operation, answer)]).toEqual([403, []]);
  });

  it('is what explain can be asked about', () => {
    const body = document.paths['/v1/auth/explain']?.post?.requestBody?.content['application/json']?.schema;
    for (const each of [0, 1]) {
      const properties = field(resolved(document, body), 'anyOf', each, 'properties');
      expect(Object.keys(Object(properties))).toContain('organization_id');
    }
  });
});

import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { openDatabase } from '#store';
import { type Answer, call, callAs, field } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { url, origin } = await startApi({ db, product });
const organization = await createOrganization(db, product, { plan: 'enterprise' });
const { key } = await createKey(db, product, organization.id, ['admin']);
const other = await createKey(db, product, organization.id, ['admin']);
const cutOff = await startApi({
  db: openDatabase({ url: 'postgres://keystile:x@127.0.0.1:1/none' }),
  product,
});
const { body: device } = await callAs(key, `${url}/devices`, { method: 'POST', json: { name: 'Laptop' } });

function expectProblem(answer: Answer, status: number, code: string): void {
  expect([answer.status, field(answer.body, 'error', 'code')]).toEqual([status, code]);
  expect(Object.keys(Object(field(answer.body, 'error'))).sort()).toEqual(
    expect.arrayContaining(['code', 'message', 'type']),
  );
  expect(answer.headers.get('X-Request-Id')).toMatch(/^req_[0-9a-z]{26}$/);
  expect(answer.headers.get('X-RateLimit-Limit')).not.toBeNull();
}

const post = (body: string | Buffer, type?: string, encoding?: string) =>
  call(`${url}/devices`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${key}`,
      'Content-Type': type ?? 'application/json',
      ...(encoding && { 'Content-Encoding': encoding }),
    },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });

describe('400', () => {
  it.each([
    ['cut short', '{"name": "x"'],
    ['not JSON', 'name=x'],
    ['a NUL character in a value', '{"name": "a\\u0000b"}'],
    ['a NUL character in a name', '{"a\\u0000b": 1}'],
    ['half a surrogate pair', '{"name": "\\ud800"}'],
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['__proto__', '{"name": "x", "__proto__": {"admin": true}}'],
    ['100,000 levels', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['65 levels', `{"name": "x", "metadata": ${'['.repeat(65)}${']'.repeat(65)}}`],
  ])('for a body with %s', async (_name, body) => {
    expectProblem(await post(body), 400, 'invalid_request');
  });

  it.each([
    ['no field at all', '{}', 'name', /^is required$/],
    ['an unknown field', '{"name": "x", "colour": "red"}', 'colour', /^is not a known field$/],
    ['a wrong type', '{"name": 5}', 'name', /expected string, received number$/],
    ['an empty name', '{"name": "  "}', 'name', /^(?!is required)/],
    ['a number too large for JSON', '{"name": 1e400}', 'name', /expected string/],
    ['null in a field', '{"name": null}', 'name', /expected string, received null$/],
    ['a list', '[]', '', /expected object, received array$/],
    ['null', 'null', '', /expected object, received null$/],
  ])('naming the field and what is wrong, for a body with %s', async (_name, body, wrong, message) => {
    const answer = await post(body);
    expectProblem(answer, 400, 'validation_error');
    expect(field(answer.body, 'error', 'details', 0, 'field')).toBe(wrong);
    expect(field(answer.body, 'error', 'details', 0, 'message')).toMatch(message);
  });

  it('for no body where one is needed', async () => {
    expectProblem(await callAs(key, `${url}/devices`, { method: 'POST' }), 400, 'validation_error');
  });

  it.each([
    '?limit=0',
    '?limit=101',
    '?limit=x',
    '?limit=1&limit=2',
    '?cursor=x',
    '?cursor=e30',
    '?sort=colour',
    '?status=broken',
    '?colour=red',
    '?type=%00',
    '?sort[]=name',
    '?__proto__=x',
  ])('for the query %s', async (query) => {
    expect((await callAs(key, `${url}/devices${query}`)).status).toBe(400);
  });

  it('for broken percent-encoding and NUL in the path', async () => {
    expectProblem(await callAs(key, `${url}/devices/%E0%A4%A`), 400, 'invalid_request');
    expectProblem(await callAs(key, `${url}/devices/a%00b`), 400, 'invalid_request');
    expectProblem(await callAs(key, `${url}/api-keys/a%00b`, { method: 'DELETE' }), 400, 'invalid_request');
    expectProblem(await callAs(key, `${url}/users/a%00b`), 400, 'invalid_request');
  });

  it('for two different credentials, and not for the same one twice', async () => {
    const both = (a: string, b: string) =>
      call(`${url}/devices`, { headers: { 'X-API-Key': a, Authorization: `Bearer ${b}` } });
    const refused = await both(key, other.key);
    expectProblem(refused, 400, 'conflicting_credentials');
    expect(refused.headers.get('WWW-Authenticate')).toContain('error="invalid_request"');
    expect((await both(key, key)).status).toBe(200);
  });

  it('for a second Authorization line, which Node would drop in silence', async () => {
    const lines = [`Authorization: Bearer ${key}`, `Authorization: Bearer ${other.key}`];
    expect(await rawRequest(['GET /v1/devices HTTP/1.1', 'Host: x', ...lines])).toMatch(/^HTTP\/1\.1 400 /);
  });

  it.each([
    ['what is not HTTP', ['NONSENSE']],
    ['a request without a Host', ['GET /v1/devices HTTP/1.1']],
  ])('in the product’s shape even for %s', async (_what, lines) => {
    const answer = await rawRequest(lines);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request/);
    expect(answer).toContain('"code":"invalid_request"');
    expect(answer).toMatch(/X-Request-Id: req_/);
  });
});

describe('401', () => {
  it('has no error code in the challenge when no credential was sent', async () => {
    const answer = await call(`${url}/devices`);
    expectProblem(answer, 401, 'invalid_api_key');
    expect(answer.headers.get('WWW-Authenticate')).toMatch(
      /^Bearer realm="VaultWares", resource_metadata="[^"]+"$/,
    );
  });

  it.each(['vw_live_1234567890abcdef', 'vw_test_1', 'nonsense', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.'])(
    'is invalid_token for %s',
    async (credential) => {
      const answer = await callAs(credential, `${url}/devices`);
      expectProblem(answer, 401, 'invalid_api_key');
      expect(answer.headers.get('WWW-Authenticate')).toContain('error="invalid_token"');
    },
  );

  it('comes before anything about the route, so that a stranger learns no paths', async () => {
    expect((await call(`${url}/devices/none`)).status).toBe(401);
    expect((await call(`${url}/nothing-here`)).status).toBe(401);
  });

  it('is no way to send a key in the query', async () => {
    expect((await call(`${url}/devices?access_token=${key}`)).status).toBe(401);
  });
});

describe('404 and 405', () => {
  it('for unknown routes, inside and outside of the base path', async () => {
    expectProblem(await callAs(key, `${url}/nothing-here`), 404, 'not_found');
    expect((await callAs(key, `${origin}/v2/devices`)).status).toBe(404);
    expect((await callAs(key, `${url}/Devices`)).status).toBe(404);
  });

  it('with Allow for a method that the path does not have', async () => {
    const answer = await callAs(key, `${url}/devices`, { method: 'PUT', json: { name: 'x' } });
    expectProblem(answer, 405, 'method_not_allowed');
    expect(answer.headers.get('Allow')).toBe('GET, HEAD, POST');
    const unknown = await callAs(key, `${url}/auth/verify`, { method: 'PROPFIND' });
    expectProblem(unknown, 405, 'method_not_allowed');
  });

  it('but HEAD where there is GET', async () => {
    const answer = await callAs(key, `${url}/devices`, { method: 'HEAD' });
    expect([answer.status, answer.body]).toEqual([200, '']);
  });
});

describe('413, 415 and 431', () => {
  it('for a body over 1 MB, whether announced or not', async () => {
    const large = JSON.stringify({ name: 'x', metadata: { text: 'x'.repeat(1_048_576) } });
    expectProblem(await post(large), 413, 'body_too_large');
    expectProblem(await post(gzipSync(large), 'application/json', 'gzip'), 413, 'body_too_large');
  });

  it.each([
    ['text/plain', undefined],
    ['application/xml', undefined],
    ['multipart/form-data; boundary=x', undefined],
    ['application/json; charset=latin1', undefined],
    ['application/json', 'compress'],
  ])('for the content type %s with the encoding %s', async (type, encoding) => {
    expectProblem(await post('{"name": "x"}', type, encoding), 415, 'unsupported_media_type');
  });

  it('for headers larger than Node reads', async () => {
    const answer = await rawRequest([
      'GET /v1/devices HTTP/1.1',
      'Host: x',
      `X-Large: ${'x'.repeat(20_000)}`,
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('"code":"headers_too_large"');
  });
});

describe('any answer', () => {
  it('is the same whatever the request expects', async () => {
    const lines = ['Host: x', 'Expect: more', `Authorization: Bearer ${key}`];
    const answer = await rawRequest(['GET /v1/devices HTTP/1.1', ...lines]);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(answer).toMatch(/X-Request-Id: req_/);
  });

  it('has an id of its own, never the client’s', async () => {
    const answer = await callAs(key, `${url}/devices`, { headers: { 'X-Request-Id': 'mine' } });
    expect(answer.headers.get('X-Request-Id')).toMatch(/^req_/);
  });

  it('is no 5xx, whatever is sent to whichever route', async () => {
    const ids = [
      field(device, 'id'),
      'x',
      '%20',
      '..%2f',
      "'; drop table api_keys; --",
      '🔑',
      'x'.repeat(3_000),
    ];
    const bodies = [
      '',
      '{}',
      '[]',
      'null',
      '"x"',
      '1',
      '{"name":{}}',
      '{"permissions":[[]]}',
      '{"expires_at":"0000-00-00T00:00:00Z"}',
    ];
    const paths = ['/devices', '/policies', '/users', '/api-keys', '/audit', '/auth/verify'];
    for (const path of paths) {
      for (const target of [path, ...ids.map((id) => `${path}/${encodeURI(String(id))}`)]) {
        for (const method of ['GET', 'POST', 'PUT', 'PATCH']) {
          const sent = method === 'GET' ? [undefined] : bodies;
          for (const body of sent) {
            const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
            const answer = await call(url + target, { method, headers, ...(body !== undefined && { body }) });
            expect([method, target, body, answer.status < 500]).toEqual([method, target, body, true]);
            if (answer.status === 429) return;
          }
        }
      }
    }
  });
});

describe('503', () => {
  it('is the answer while PostgreSQL is away, with nothing about it', async () => {
    const answer = await callAs(key, `${cutOff.url}/devices`);
    expectProblem(answer, 503, 'service_unavailable');
    expect(JSON.stringify(answer.body)).not.toMatch(/postgres|connect|at /i);
    expect((await call(`${cutOff.origin}/health`)).status).toBe(503);
  });
});

it('the health route needs no credential', async () => {
  const { status, body } = await call(`${origin}/health`);
  expect([status, field(body, 'status')]).toEqual([200, 'healthy']);
});

/** Sends lines over a bare socket and returns all that comes back. */
function rawRequest(lines: string[]): Promise<string> {
  return new Promise((done, fail) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => {
      socket.write(`${[...lines, 'Connection: close', '', ''].join('\r\n')}`);
    });
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('end', () => done(text)).on('error', fail);
  });
}

import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { call, callAs, field, textField } from '../support/call.ts';
import { createKey, createMember, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

// What the Torvus page shows of the API, from the product's definition alone.
const product = await loadProduct('torvus');
const db = await createTestDatabase();
const { url, flushKeyUses, requests } = await startApi({ db, product });
const organization = await createOrganization(db, product, { plan: 'professional' });
const owner = await createMember(db, organization.id, 'owner');
const keyWith = (scopes: string[], mode: 'live' | 'test' = 'live') =>
  createKey(db, product, organization.id, scopes, { mode });
const { key } = await keyWith(['read', 'write', 'delete']);

describe('API key types', () => {
  it('are told apart by their prefixes', async () => {
    expect(key).toMatch(/^torvus_sk_live_/);
    expect((await keyWith(['read'], 'test')).key).toMatch(/^torvus_sk_test_/);
  });

  it('reach separate data', async () => {
    const test = await keyWith(['read', 'write', 'delete'], 'test');
    const created = await callAs(test.key, `${url}/vaults`, { method: 'POST', json: { name: 'Sandbox' } });
    const id = textField(created.body, 'id');
    expect((await callAs(test.key, `${url}/vaults/${id}`)).status).toBe(200);
    for (const method of ['GET', 'DELETE'])
      expect((await callAs(key, `${url}/vaults/${id}`, { method })).status).toBe(404);
    expect((await callAs(key, `${url}/vaults`)).body).toEqual([]);
  });

  it('give test keys higher limits than live ones', async () => {
    const test = await keyWith(['read'], 'test');
    const live = (await callAs(key, `${url}/vaults`)).headers.get('X-RateLimit-Limit');
    const higher = (await callAs(test.key, `${url}/vaults`)).headers.get('X-RateLimit-Limit');
    expect(Number(higher)).toBeGreaterThan(Number(live));
  });
});

describe('Permissions', () => {
  const vault = 'vault_00000000000000000000000000';
  const item = 'doc_00000000000000000000000000';
  const below = ['documents', 'recipients', 'policies'];
  const operations: [permission: string, method: string, path: string][] = [
    ['read', 'GET', '/vaults'],
    ['read', 'GET', `/vaults/${vault}`],
    ...below.map((name): [string, string, string] => ['read', 'GET', `/vaults/${vault}/${name}`]),
    ['read', 'GET', '/check-ins'],
    ['write', 'POST', '/vaults'],
    ['write', 'PUT', `/vaults/${vault}`],
    ['write', 'PATCH', `/vaults/${vault}`],
    ...below.map((name): [string, string, string] => ['write', 'POST', `/vaults/${vault}/${name}`]),
    ['write', 'POST', '/check-ins'],
    ['delete', 'DELETE', `/vaults/${vault}`],
    ...below.map((name): [string, string, string] => [
      'delete',
      'DELETE',
      `/vaults/${vault}/${name}/${item}`,
    ]),
  ];

  it.each(operations)('%s alone allows %s %s', async (permission, method, path) => {
    const json = path.endsWith('recipients')
      ? { name: 'R', email: 'r@example.com' }
      : path === '/check-ins'
        ? {}
        : { name: 'N' };
    const sent = ['POST', 'PUT', 'PATCH'].includes(method) ? { json } : {};
    for (const scope of ['read', 'write', 'delete']) {
      const { id } = await createOrganization(db, product);
      const other = await createKey(db, product, id, [scope]);
      const { status, body } = await callAs(other.key, url + path, { method, ...sent });
      if (scope === permission) expect([200, 201, 404]).toContain(status);
      else {
        expect(status).toBe(403);
        expect(body).toEqual({ error: 'permission_denied', message: 'API key lacks required permissions' });
      }
    }
  });

  it('offers no method that the page does not list', async () => {
    const answer = await callAs(key, `${url}/check-ins`, { method: 'DELETE' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('Allow')).toBe('GET, HEAD, POST');
    expect((await callAs(key, `${url}/vaults/${vault}/documents/${item}`)).status).toBe(405);
  });
});

describe('Test permissions', () => {
  it('runs the three samples: list, create with a name alone, delete', async () => {
    const created = await callAs(key, `${url}/vaults`, { method: 'POST', json: { name: 'Test Vault' } });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ name: 'Test Vault' });
    const listed = await callAs(key, `${url}/vaults`);
    expect(listed.body).toEqual([created.body]);
    const deleted = await callAs(key, `${url}/vaults/${textField(created.body, 'id')}`, { method: 'DELETE' });
    expect(deleted.status).toBe(204);
    expect((await callAs(key, `${url}/vaults/vault_test`, { method: 'DELETE' })).status).toBe(404);
  });
});

describe('documents, recipients and policies', () => {
  it('stand below their vault and go with it', async () => {
    const vault = await callAs(key, `${url}/vaults`, { method: 'POST', json: { name: 'Family' } });
    const at = `${url}/vaults/${textField(vault.body, 'id')}`;
    const document = await callAs(key, `${at}/documents`, { method: 'POST', json: { name: 'Will' } });
    expect(document.status).toBe(201);
    expect((await callAs(key, `${at}/documents`)).body).toEqual([document.body]);
    expect((await callAs(key, `${at}/recipients`)).body).toEqual([]);

    expect((await callAs(key, at, { method: 'DELETE' })).status).toBe(204);
    expect((await callAs(key, `${at}/documents`)).status).toBe(404);
    const left = await db.query('select id from resources where id = $1', [textField(document.body, 'id')]);
    expect(left).toEqual([]);
  });

  it('are not found under another vault', async () => {
    const [one, two] = await Promise.all(
      ['One', 'Two'].map((name) => callAs(key, `${url}/vaults`, { method: 'POST', json: { name } })),
    );
    const first = `${url}/vaults/${textField(one?.body, 'id')}/policies`;
    const policy = await callAs(key, first, { method: 'POST', json: { name: 'P' } });
    const elsewhere = `${url}/vaults/${textField(two?.body, 'id')}/policies/${textField(policy.body, 'id')}`;
    expect((await callAs(key, elsewhere, { method: 'DELETE' })).status).toBe(404);
  });
});

describe('lists', () => {
  it('are bare arrays, with the next page in a Link header', async () => {
    const { id } = await createOrganization(db, product);
    const { key } = await createKey(db, product, id, ['read', 'write']);
    for (const name of ['a', 'b', 'c'])
      await callAs(key, `${url}/vaults`, { method: 'POST', json: { name } });
    const first = await callAs(key, `${url}/vaults?limit=2`);
    expect(first.body).toMatchObject([{ name: 'c' }, { name: 'b' }]);
    const next = /^<(.+)>; rel="next"$/.exec(first.headers.get('Link') ?? '')?.[1] ?? '';
    const second = await callAs(key, next);
    expect(second.body).toMatchObject([{ name: 'a' }]);
    expect(second.headers.get('Link')).toBeNull();
  });
});

describe('401 Unauthorized', () => {
  it('is one flat answer for every way in which a credential fails', async () => {
    const expired = await createKey(db, product, organization.id, ['read'], {
      expiresAt: '2020-01-01T00:00:00Z',
    });
    const bad = [
      `Bearer ${expired.key}`,
      'Bearer torvus_sk_live_abc123',
      'Bearer ',
      'Basic abc',
      'Bearer a.b.c',
    ];
    for (const authorization of [...bad, undefined]) {
      const headers = authorization === undefined ? {} : { Authorization: authorization };
      const { status, body } = await call(`${url}/account`, { headers });
      expect(status).toBe(401);
      expect(body).toEqual({ error: 'authentication_failed', message: 'Invalid API key' });
    }
  });

  it('is the answer to a key in a header that the page does not have', async () => {
    expect((await call(`${url}/account`, { headers: { 'X-API-Key': key } })).status).toBe(401);
  });
});

describe('Verify API key', () => {
  it('answers the account', async () => {
    const { status, body } = await callAs(key, `${url}/account`);
    expect(status).toBe(200);
    expect(body).toEqual({
      account_id: organization.id.replace('org_', 'acc_'),
      email: owner.email,
      plan: 'professional',
      api_version: 'v1',
    });
  });
});

describe('Managing API keys', () => {
  const keys = `${url}/api-keys`;
  const generate = (manager: { key: string }, json: object) =>
    callAs(manager.key, keys, {
      method: 'POST',
      json: { name: 'Production Server', permissions: ['read'], ...json },
    });

  it('generates, lists and revokes: a revoked key answers 401', async () => {
    const manager = await keyWith(['read', 'manage']);
    const made = await generate(manager, { expires_in: '90_days' });
    const secret = textField(made.body, 'key');
    expect(secret).toMatch(/^torvus_sk_live_/);
    expect((await callAs(secret, `${url}/vaults`)).status).toBe(200);
    await flushKeyUses();
    const listed = await callAs(manager.key, keys);
    expect(listed.body).toContainEqual(
      expect.objectContaining({
        name: 'Production Server',
        permissions: ['read'],
        last_used_at: expect.any(String),
        expires_at: expect.any(String),
        created_at: expect.any(String),
      }),
    );
    expect(JSON.stringify(listed.body)).not.toContain(secret);
    const id = textField(made.body, 'id');
    expect((await callAs(manager.key, `${keys}/${id}`, { method: 'DELETE' })).status).toBe(204);
    const refused = await callAs(secret, `${url}/vaults`);
    expect([refused.status, field(refused.body, 'error')]).toEqual([401, 'authentication_failed']);
  });

  it.each(['90_days', '1_year', 'never'])('offers the expiry %s', async (expires_in) => {
    const made = await generate(await keyWith(['read', 'manage']), { expires_in });
    expect([made.status, field(made.body, 'expires_at') === null]).toEqual([201, expires_in === 'never']);
  });

  it('is for no key that has Read, Write and Delete only', async () => {
    for (const path of [
      '/api-keys',
      '/audit',
      '/organization',
      '/requests/req_none',
      '/api-keys/key_none/requests',
    ]) {
      const { status, body } = await callAs(key, url + path);
      expect([path, status]).toEqual([path, 403]);
      expect(body).toEqual({ error: 'permission_denied', message: 'API key lacks required permissions' });
    }
  });

  it('restricts addresses for Enterprise only', async () => {
    const allowed_ips = ['203.0.113.0/24', '203.0.113.5', '198.51.100.10'];
    const denied = await generate(await keyWith(['read', 'manage']), { allowed_ips });
    expect([denied.status, field(denied.body, 'error')]).toEqual([403, 'plan_required']);
    const { id } = await createOrganization(db, product, { plan: 'enterprise' });
    const manager = await createKey(db, product, id, ['read', 'manage']);
    const made = await generate(manager, { allowed_ips });
    const refused = await callAs(textField(made.body, 'key'), `${url}/vaults`);
    expect([made.status, refused.status, field(refused.body, 'error')]).toEqual([
      201,
      403,
      'permission_denied',
    ]);
  });
});

describe('Audit Logging', () => {
  it('logs the key, endpoint, method, status, address, time and id of a request, and why it was denied', async () => {
    const manager = await keyWith(['manage']);
    const denied = await callAs(manager.key, `${url}/vaults/vault_test/documents`);
    const id = denied.headers.get('X-Request-Id');
    expect(denied.body).toEqual({
      error: 'permission_denied',
      message: 'API key lacks required permissions',
    });
    const { body } = await callAs(manager.key, `${url}/requests/${id}`);
    expect(body).toMatchObject({
      id,
      credential: { type: 'api_key', key_id: manager.id },
      method: 'GET',
      path: '/v1/vaults/vault_test/documents',
      route: '/v1/vaults/{vault_id}/documents',
      status: 403,
      ip_address: '127.0.0.1',
      at: expect.stringMatching(/Z$/),
      denial: { rule: 'insufficient_scope', mend: 'Give the key read.' },
    });
  });
});

describe('Access Logs', () => {
  it('are filtered by API activity and exported as CSV', async () => {
    const { id } = await createOrganization(db, product, { plan: 'professional' });
    const manager = await createKey(db, product, id, ['manage']);
    const denied = await callAs(manager.key, `${url}/vaults`);
    const requestId = denied.headers.get('X-Request-Id');
    await requests.flush();
    const { body } = await callAs(manager.key, `${url}/audit?kind=api_activity`);
    expect(body).toEqual([expect.objectContaining({ id: requestId, outcome: 'denied' })]);
    const { body: csv } = await callAs(manager.key, `${url}/audit/export?kind=api_activity&format=csv`);
    const [names = '', row = ''] = String(csv).split('\r\n');
    const cells = row.split(',');
    const told = Object.fromEntries(names.split(',').map((name, at) => [name, cells[at]]));
    expect(told).toMatchObject({
      key_id: manager.id,
      route: '/v1/vaults',
      method: 'GET',
      status: '403',
      ip_address: '127.0.0.1',
      at: expect.stringMatching(/Z$/),
      id: requestId,
    });
  });
});

describe('View API Key Usage', () => {
  it('tells of 30 days: requests, by endpoint, the error rate, the last use, and the addresses', async () => {
    const [used, manager] = [await keyWith(['read']), await keyWith(['manage'])];
    for (const path of ['/vaults', '/vaults', '/check-ins', '/vaults/vault_test'])
      await callAs(used.key, url + path);
    await Promise.all([requests.flush(), flushKeyUses()]);
    const { status, body } = await callAs(manager.key, `${url}/api-keys/${used.id}/statistics`);
    expect([status, body]).toEqual([
      200,
      {
        key_id: used.id,
        from: expect.stringMatching(/T00:00:00Z$/),
        total_requests: 4,
        error_rate: 0.25,
        last_used_at: expect.stringMatching(/Z$/),
        endpoints: [
          { method: 'GET', route: '/v1/vaults', requests: 2, error_rate: 0 },
          { method: 'GET', route: '/v1/check-ins', requests: 1, error_rate: 0 },
          { method: 'GET', route: '/v1/vaults/{id}', requests: 1, error_rate: 1 },
        ],
        ip_addresses: [{ ip_address: '127.0.0.1', requests: 4, last_used_at: expect.stringMatching(/Z$/) }],
      },
    ]);
  });
});

describe('Rate limiting', () => {
  it.each([
    ['professional', 1_000],
    ['enterprise', 10_000],
  ])('is per hour: %s %i', async (plan, limit) => {
    const { id } = await createOrganization(db, product, { plan });
    const { key } = await createKey(db, product, id, ['read']);
    const { headers } = await callAs(key, `${url}/vaults`);
    expect(headers.get('X-RateLimit-Limit')).toBe(String(limit));
    expect(headers.get('X-RateLimit-Remaining')).toBe(String(limit - 1));
    expect(Number(headers.get('X-RateLimit-Reset')) * 1000).toBeGreaterThan(Date.now());
    expect(headers.get('RateLimit-Policy')).toBe(`"hour";q=${limit};w=3600`);
  });

  it('has no endpoints of other products', async () => {
    for (const path of ['/devices', '/users', '/auth/verify']) {
      const answer = await callAs(key, url + path);
      expect([path, answer.status, field(answer.body, 'error')]).toEqual([path, 404, 'not_found']);
    }
  });
});

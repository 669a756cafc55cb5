import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { callAs, field, textField } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

// What the Torvus page shows of API keys: their types, their management, and what is recorded of their use.
const product = await loadProduct('torvus');
const db = await createTestDatabase();
const { url, flushKeyUses, requests } = await startApi({ db, product });
const organization = await createOrganization(db, product, { plan: 'professional' });
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

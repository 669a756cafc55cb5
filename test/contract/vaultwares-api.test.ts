import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { call, callAs, field, textField } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

// What the VaultWares page shows of the API, request by request: only the host and the credential are replaced.
const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { url, requests, flushKeyUses } = await startApi({ db, product });
const organization = await createOrganization(db, product, { plan: 'enterprise' });
const { key: adminKey, id: adminKeyId } = await createKey(db, product, organization.id, ['admin']);

const form = 'application/x-www-form-urlencoded';

describe('Authentication methods', () => {
  it('takes a key in X-API-Key', async () => {
    const { status, body } = await call(`${url}/devices`, { headers: { 'X-API-Key': adminKey } });
    expect(status).toBe(200);
    expect(body).toEqual({ data: [], has_more: false, next_cursor: null });
  });

  it('takes a key as Bearer', async () => {
    const { status } = await call(`${url}/devices`, { headers: { Authorization: `Bearer ${adminKey}` } });
    expect(status).toBe(200);
  });
});

describe('Creating scoped API keys', () => {
  it('answers the new key once, under key', async () => {
    const body =
      '{"name": "Monitoring Key", "permissions": ["devices:read", "audit:read"], "expires_at": "2025-12-31T23:59:59Z"}';
    const created = await call(`${url}/api-keys`, {
      method: 'POST',
      headers: { 'X-API-Key': adminKey, 'Content-Type': 'application/json' },
      body,
    });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      name: 'Monitoring Key',
      permissions: ['devices:read', 'audit:read'],
      expires_at: '2025-12-31T23:59:59Z',
    });
    expect(textField(created.body, 'key')).toMatch(/^vw_live_[0-9A-Za-z]{40}$/);
    expect(textField(created.body, 'id')).toMatch(/^key_/);

    const shown = await call(`${url}/api-keys/${textField(created.body, 'id')}`, {
      headers: { 'X-API-Key': adminKey },
    });
    expect(shown.status).toBe(200);
    expect(field(shown.body, 'key')).toBeUndefined();
  });
});

describe('Rotate API keys regularly', () => {
  it('makes a new key from JSON that curl sends as a form, and deletes the old one with it', async () => {
    const old = await createKey(db, product, organization.id, ['admin']);
    const created = await call(`${url}/api-keys`, {
      method: 'POST',
      headers: { 'X-API-Key': old.key, 'Content-Type': form },
      body: '{"name": "Rotated Key", "permissions": ["admin"]}',
    });
    expect(created.status).toBe(201);
    const newKey = textField(created.body, 'key');

    const deleted = await call(`${url}/api-keys/${old.id}`, {
      method: 'DELETE',
      headers: { 'X-API-Key': newKey },
    });
    expect(deleted.status).toBe(204);
    const refused = await call(`${url}/devices`, { headers: { 'X-API-Key': old.key } });
    expect(refused.status).toBe(401);
    expect(refused.body).toEqual({
      error: {
        code: 'invalid_api_key',
        message: 'The provided API key is invalid or has been revoked.',
        type: 'authentication_error',
      },
    });
  });
});

describe('Restrict by IP address', () => {
  it('limits a key to addresses and ranges, sent as a form', async () => {
    const limited = await createKey(db, product, organization.id, ['devices:read']);
    const changed = await call(`${url}/api-keys/${limited.id}`, {
      method: 'PATCH',
      headers: { 'X-API-Key': adminKey, 'Content-Type': form },
      body: '{"allowed_ips": ["203.0.113.0/24", "198.51.100.10"]}',
    });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ id: limited.id, allowed_ips: ['203.0.113.0/24', '198.51.100.10'] });

    const refused = await call(`${url}/devices`, { headers: { 'X-API-Key': limited.key } });
    expect(refused.status).toBe(403);
    expect(field(refused.body, 'error', 'code')).toBe('ip_not_allowed');
  });
});

describe('Monitor API key usage', () => {
  it('answers how often the key was used today and this month, when last, and from where', async () => {
    const used = await createKey(db, product, organization.id, ['devices:read']);
    for (const _ of [1, 2]) await call(`${url}/devices`, { headers: { 'X-API-Key': used.key } });
    await Promise.all([requests.flush(), flushKeyUses()]);
    const { status, body } = await call(`${url}/api-keys/${used.id}/usage`, {
      headers: { 'X-API-Key': adminKey },
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      key_id: used.id,
      requests_today: 2,
      requests_this_month: 2,
      last_used_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      last_used_ip: '127.0.0.1',
    });
  });
});

describe('Test API key validity', () => {
  it('answers what the key is', async () => {
    const { status, body } = await call(`${url}/auth/verify`, { headers: { 'X-API-Key': adminKey } });
    expect(status).toBe(200);
    expect(body).toEqual({
      valid: true,
      key_id: adminKeyId,
      permissions: ['admin'],
      organization_id: organization.id,
      expires_at: null,
    });
  });
});

describe('Rate limit headers', () => {
  it.each([
    ['free', 60],
    ['professional', 300],
    ['enterprise', 1_000],
  ])('tell of the %s plan: %i a minute', async (plan, limit) => {
    const { id } = await createOrganization(db, product, { plan });
    const { key } = await createKey(db, product, id, ['devices:read']);
    const before = Math.floor(Date.now() / 1000);
    const { headers } = await call(`${url}/devices`, { headers: { 'X-API-Key': key } });
    expect(headers.get('X-RateLimit-Limit')).toBe(String(limit));
    expect(headers.get('X-RateLimit-Remaining')).toBe(String(limit - 1));
    const reset = Number(headers.get('X-RateLimit-Reset'));
    expect(reset).toBeGreaterThan(before);
    expect(reset).toBeLessThanOrEqual(before + 62);
  });

  it.each([
    ['free', 1_000],
    ['professional', 10_000],
    ['enterprise', 100_000],
  ])('tell of the %s plan: %i an hour', async (plan, limit) => {
    const { id } = await createOrganization(db, product, { plan });
    const { key } = await createKey(db, product, id, ['devices:read']);
    const { headers } = await call(`${url}/devices`, { headers: { 'X-API-Key': key } });
    expect(headers.get('RateLimit-Policy')).toContain(`"hour";q=${limit};w=3600`);
  });

  it('tell of the windows that a custom organization has negotiated', async () => {
    const windows = [{ name: 'minute', limit: 5_000, seconds: 60 }];
    const { id } = await createOrganization(db, product, { plan: 'custom', windows });
    const { key } = await createKey(db, product, id, ['devices:read']);
    const { headers } = await call(`${url}/devices`, { headers: { 'X-API-Key': key } });
    expect(headers.get('X-RateLimit-Limit')).toBe('5000');
    expect(headers.get('RateLimit-Policy')).toBe('"minute";q=5000;w=60');
  });
});

describe('Handling rate limits', () => {
  it('answers 429 with the seconds to wait, in the body and in Retry-After', async () => {
    const windows = [{ name: 'minute', limit: 2, seconds: 60 }];
    const { id } = await createOrganization(db, product, { plan: 'custom', windows });
    const { key } = await createKey(db, product, id, ['devices:read']);
    const ask = () => call(`${url}/devices`, { headers: { 'X-API-Key': key } });
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(200);
    const { status, headers, body } = await ask();
    expect(status).toBe(429);
    const seconds = Number(headers.get('Retry-After'));
    expect(seconds).toBeGreaterThan(0);
    expect(body).toEqual({
      error: {
        code: 'rate_limit_exceeded',
        message: `Rate limit exceeded. Please retry after ${seconds} seconds.`,
        retry_after: seconds,
      },
    });
    expect(headers.get('X-RateLimit-Remaining')).toBe('0');
  });
});

describe('Authentication error codes', () => {
  it('are expired_api_key for a key past its time', async () => {
    const { key } = await createKey(db, product, organization.id, ['admin'], {
      expiresAt: '2025-12-31T23:59:59Z',
    });
    const { status, headers, body } = await call(`${url}/devices`, { headers: { 'X-API-Key': key } });
    expect(status).toBe(401);
    expect(body).toMatchObject({ error: { code: 'expired_api_key', type: 'authentication_error' } });
    expect(headers.get('WWW-Authenticate')).toContain('error="invalid_token"');
  });

  it('are insufficient_permissions for a key without the permission', async () => {
    const { key } = await createKey(db, product, organization.id, ['devices:read']);
    const { status, headers, body } = await call(`${url}/policies`, { headers: { 'X-API-Key': key } });
    expect(status).toBe(403);
    expect(field(body, 'error', 'code')).toBe('insufficient_permissions');
    expect(headers.get('WWW-Authenticate')).toMatch(/error="insufficient_scope", scope="policies:read"/);
  });
});

describe('Permissions', () => {
  const id = 'dev_00000000000000000000000000';
  // Each operation of the table, and the one permission that allows it.
  const operations: [permission: string, method: string, path: string][] = [
    ['devices:read', 'GET', '/devices'],
    ['devices:read', 'GET', `/devices/${id}`],
    ['devices:write', 'POST', '/devices'],
    ['devices:write', 'PUT', `/devices/${id}`],
    ['devices:write', 'PATCH', `/devices/${id}`],
    ['devices:delete', 'DELETE', `/devices/${id}`],
    ['policies:read', 'GET', '/policies'],
    ['policies:read', 'GET', `/policies/${id}`],
    ['policies:write', 'POST', '/policies'],
    ['policies:write', 'PUT', `/policies/${id}`],
    ['policies:write', 'PATCH', `/policies/${id}`],
    ['admin', 'DELETE', `/policies/${id}`],
    ['users:read', 'GET', '/users'],
    ['users:read', 'GET', `/users/${id}`],
    ['users:write', 'POST', '/users'],
    ['users:write', 'PUT', `/users/${id}`],
    ['users:write', 'PATCH', `/users/${id}`],
    ['audit:read', 'GET', '/audit'],
    ['admin', 'GET', '/api-keys'],
  ];
  const bodies: Record<string, unknown> = {
    '/devices': { name: 'Laptop' },
    '/policies': { name: 'Screen lock' },
    '/users': { email: 'new@example.com', name: 'New', role: 'viewer' },
  };

  it.each(operations)(
    '%s allows %s %s, and no other permission but admin does',
    async (permission, method, path) => {
      const json =
        bodies[path] ?? (path.startsWith('/users') ? { name: 'N', role: 'viewer' } : { name: 'N' });
      const sent = method === 'GET' || method === 'DELETE' ? {} : { json };
      for (const scope of Object.keys(product.scopes)) {
        const { id: organizationId } = await createOrganization(db, product);
        const { key } = await createKey(db, product, organizationId, [scope]);
        const { status } = await callAs(key, url + path, { method, ...sent });
        const allowed = scope === permission || scope === 'admin';
        expect([scope, allowed ? [200, 201, 404].includes(status) : status === 403]).toEqual([scope, true]);
      }
    },
  );
});

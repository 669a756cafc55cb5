import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { call, callAs, field, textField } from '../support/call.ts';
import { createKey, createMember, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { url } = await startApi({ db, product });
const behindProxy = await startApi({ db, product, trustedProxies: ['127.0.0.1', '10.0.0.0/8'] });
const { id: organizationId } = await createOrganization(db, product, { plan: 'enterprise' });
const admin = await createKey(db, product, organizationId, ['admin']);
const create = (json: unknown, key = admin.key) => callAs(key, `${url}/api-keys`, { method: 'POST', json });

describe('a key', () => {
  it.each(Object.entries(product.presets))('takes the preset %s', async (preset, scopes) => {
    const { status, body } = await create({ name: 'P', permissions: preset });
    expect(status).toBe(201);
    expect(field(body, 'permissions')).toEqual(scopes);
  });

  it('is listed without its secret, newest first, and is gone from the list once revoked', async () => {
    const made = await create({ name: 'Listed', permissions: ['devices:read'] });
    const id = textField(made.body, 'id');
    const listed = await callAs(admin.key, `${url}/api-keys?limit=1`);
    const { key, ...shown } = Object(made.body);
    expect(field(listed.body, 'data')).toEqual([shown]);
    expect(JSON.stringify(listed.body)).not.toContain(key);

    expect((await callAs(admin.key, `${url}/api-keys/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await callAs(key, `${url}/auth/verify`)).status).toBe(401);
    expect(field((await callAs(admin.key, `${url}/api-keys/${id}`)).body, 'status')).toBe('revoked');
    expect((await callAs(admin.key, `${url}/api-keys/${id}`, { method: 'DELETE' })).status).toBe(409);
  });

  it('is renamed, given other scopes and another expiry, each at once', async () => {
    const made = await create({ name: 'A', permissions: ['devices:read'] });
    const at = `${url}/api-keys/${textField(made.body, 'id')}`;
    const key = textField(made.body, 'key');
    const json = { name: 'B', permissions: ['policies:read'], expires_at: '2100-01-01T02:00:00+02:00' };
    const changed = await callAs(admin.key, at, { method: 'PATCH', json });
    expect(changed.body).toMatchObject({ ...json, expires_at: '2100-01-01T00:00:00Z' });
    expect((await callAs(key, `${url}/devices`)).status).toBe(403);
    expect((await callAs(key, `${url}/policies`)).status).toBe(200);
    await callAs(admin.key, at, { method: 'PATCH', json: { expires_at: '2020-01-01T00:00:00Z' } });
    expect((await callAs(key, `${url}/policies`)).status).toBe(401);
  });

  it.each([
    [{ permissions: ['admin'] }, 'name'],
    [{ name: 'x' }, 'permissions'],
    [{ name: 'x', permissions: [] }, 'permissions'],
    [{ name: 'x', permissions: ['devices:fly'] }, 'permissions'],
    [{ name: 'x', permissions: 'everything' }, 'permissions'],
    [{ name: 'x', permissions: ['admin'], expires_at: 'tomorrow' }, 'expires_at'],
    [{ name: 'x', permissions: ['admin'], expires_at: '2025-02-30T00:00:00Z' }, 'expires_at'],
    [{ name: 'x', permissions: ['admin'], expires_at: '0000-01-01T00:00:00Z' }, 'expires_at'],
    [{ name: 'x', permissions: ['admin'], expires_at: '0001-01-01T00:00:00+23:00' }, 'expires_at'],
    [{ name: 'x', permissions: ['admin'], expires_at: '9999-12-31T23:59:59-23:00' }, 'expires_at'],
    [{ name: 'x', permissions: ['admin'], allowed_ips: ['300.1.1.1'] }, 'allowed_ips.0'],
    [{ name: 'x', permissions: ['admin'], allowed_ips: ['10.0.0.0/8', '10.0.0.0/33'] }, 'allowed_ips.1'],
    [{ name: 'x', permissions: ['admin'], allowed_ips: '10.0.0.1' }, 'allowed_ips'],
    [{ name: 'x', permissions: ['admin'], scopes: ['admin'] }, 'scopes'],
  ])('is refused as %j, naming %s', async (json, name) => {
    const { status, body } = await create(json);
    expect(status).toBe(400);
    expect(field(body, 'error', 'details', 0, 'field')).toBe(name);
  });

  it('expires in any year from 1 to 9999, and keeps its expiry when another is refused', async () => {
    for (const expires_at of ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z']) {
      const { status, body } = await create({ name: 'x', permissions: ['admin'], expires_at });
      expect([status, field(body, 'expires_at')]).toEqual([201, expires_at]);
      const at = `${url}/api-keys/${field(body, 'id')}`;
      const json = { expires_at: '0000-06-01T00:00:00Z' };
      expect((await callAs(admin.key, at, { method: 'PATCH', json })).status).toBe(400);
      expect(field((await callAs(admin.key, at)).body, 'expires_at')).toBe(expires_at);
    }
  });

  it('does only what its maker’s role allows, and less as soon as the role does', async () => {
    const maker = await createMember(db, organizationId, 'admin');
    const made = await createKey(db, product, organizationId, ['admin'], { createdBy: maker.id });
    expect((await callAs(made.key, `${url}/api-keys`)).status).toBe(200);
    const at = `${url}/users/${maker.id}`;
    expect((await callAs(admin.key, at, { method: 'PATCH', json: { role: 'viewer' } })).status).toBe(200);
    expect((await callAs(made.key, `${url}/api-keys`)).status).toBe(403);
    expect((await callAs(made.key, `${url}/devices`)).status).toBe(200);
    const { body } = await callAs(made.key, `${url}/auth/verify`);
    expect(field(body, 'permissions')).toEqual(product.roles.viewer);
  });

  it('made by another key counts as made by that key’s maker', async () => {
    const maker = await createMember(db, organizationId, 'admin');
    const parent = await createKey(db, product, organizationId, ['admin'], { createdBy: maker.id });
    const child = await create({ name: 'Child', permissions: ['admin'] }, parent.key);
    expect(field(child.body, 'created_by')).toBe(maker.id);
  });
});

describe('test mode', () => {
  it('is inherited, and never left', async () => {
    const test = await createKey(db, product, organizationId, ['admin'], { mode: 'test' });
    const child = await create({ name: 'Child', permissions: ['admin'] }, test.key);
    expect(textField(child.body, 'key')).toMatch(/^vw_test_/);
    const refused = await create({ name: 'Child', permissions: ['admin'], mode: 'live' }, test.key);
    expect([refused.status, field(refused.body, 'error', 'code')]).toEqual([403, 'live_mode_required']);

    const at = `${url}/api-keys/${admin.id}`;
    for (const method of ['GET', 'DELETE']) expect((await callAs(test.key, at, { method })).status).toBe(404);
    const list = field((await callAs(test.key, `${url}/api-keys`)).body, 'data');
    expect(Array.isArray(list) && list.length > 0 && list.every((key) => key.mode === 'test')).toBe(true);
  });

  it('is a choice for a live caller', async () => {
    const made = await create({ name: 'Sandbox', permissions: ['admin'], mode: 'test' });
    expect(textField(made.body, 'key')).toMatch(/^vw_test_/);
  });
});

describe('an allowlist', () => {
  const from = (key: string, forwarded: string) =>
    call(`${behindProxy.url}/devices`, { headers: { 'X-API-Key': key, 'X-Forwarded-For': forwarded } });

  it('takes the first address from the right that is not a trusted proxy, in whatever notation', async () => {
    const allowedIps = ['203.0.113.0/24', '198.51.100.10', '2001:db8::/32'];
    const { key } = await createKey(db, product, organizationId, ['devices:read'], { allowedIps });
    const status = async (forwarded: string) => (await from(key, forwarded)).status;
    expect(await status('203.0.113.7')).toBe(200);
    expect(await status('198.51.100.10, 10.1.1.1')).toBe(200);
    expect(await status('::ffff:203.0.113.7')).toBe(200);
    expect(await status('2001:0db8:0:0::1')).toBe(200);
    expect(await status('198.51.100.11')).toBe(403);
    expect(await status('203.0.113.7, 192.0.2.1')).toBe(403);
    expect(await status('2001:db9::1')).toBe(403);
  });

  it('does not believe X-Forwarded-For from one who is no trusted proxy', async () => {
    const { key } = await createKey(db, product, organizationId, ['devices:read'], {
      allowedIps: ['203.0.113.7'],
    });
    const headers = { 'X-API-Key': key, 'X-Forwarded-For': '203.0.113.7' };
    expect((await call(`${url}/devices`, { headers })).status).toBe(403);
  });

  it('is stored in canonical form', async () => {
    const { body } = await create({
      name: 'x',
      permissions: ['admin'],
      allowed_ips: ['203.0.113.9/24', '2001:0DB8::0001', '::ffff:198.51.100.1'],
    });
    expect(field(body, 'allowed_ips')).toEqual(['203.0.113.0/24', '2001:db8::1', '198.51.100.1']);
  });
});

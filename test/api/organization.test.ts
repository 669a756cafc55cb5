import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { call, callAs, field } from '../support/call.ts';
import { createKey, createMember, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { url } = await startApi({ db, product, trustedProxies: ['127.0.0.1'] });
const limited = await startApi({ db, product: { ...product, allowlistPlans: ['enterprise'] } });

async function organization(plan = 'enterprise') {
  const { id } = await createOrganization(db, product, { plan });
  const admin = await createKey(db, product, id, ['admin']);
  return { id, admin };
}
const patch = (key: string, json: unknown, at = `${url}/organization`) =>
  callAs(key, at, { method: 'PATCH', json });
const from = async (key: string, address: string) =>
  (await call(`${url}/devices`, { headers: { 'X-API-Key': key, 'X-Forwarded-For': address } })).status;

describe('an organization', () => {
  it('shows and changes what it has chosen, with an audit entry', async () => {
    const { id, admin } = await organization();
    const shown = await callAs(admin.key, `${url}/organization`);
    expect(shown.body).toMatchObject({
      id,
      plan: 'enterprise',
      allowed_ips: [],
      removed_member_keys: 'keep',
    });
    const changed = await patch(admin.key, { name: 'Renamed', removed_member_keys: 'stop' });
    expect(changed.body).toMatchObject({ name: 'Renamed', removed_member_keys: 'stop' });
    const { body } = await callAs(admin.key, `${url}/audit?action=organization.updated`);
    expect(field(body, 'data', 0)).toMatchObject({ before: { name: 'Example' }, after: { name: 'Renamed' } });
    for (const json of [{ plan: 'custom' }, { removed_member_keys: 'perhaps' }, { allowed_ips: ['x'] }]) {
      expect((await patch(admin.key, json)).status).toBe(400);
    }
  });

  it('can require a second factor of its members, with an audit entry', async () => {
    const { admin } = await organization();
    const shown = await callAs(admin.key, `${url}/organization`);
    expect(field(shown.body, 'require_second_factor')).toBe(false);
    expect((await patch(admin.key, { require_second_factor: 'yes' })).status).toBe(400);
    const changed = await patch(admin.key, { require_second_factor: true });
    expect(field(changed.body, 'require_second_factor')).toBe(true);
    expect(field((await patch(admin.key, { name: 'Acme' })).body, 'require_second_factor')).toBe(true);
    const { body } = await callAs(admin.key, `${url}/audit?action=organization.updated`);
    expect(field(body, 'data', 1)).toMatchObject({
      before: { require_second_factor: false },
      after: { require_second_factor: true },
    });
  });

  it('can’t be seen by a test key', async () => {
    const { id } = await organization();
    const { key } = await createKey(db, product, id, ['admin'], { mode: 'test' });
    expect((await callAs(key, `${url}/organization`)).status).toBe(403);
  });
});

describe('its allowlist', () => {
  it('holds for every credential of it, beside the key’s own list', async () => {
    const { id, admin } = await organization();
    await patch(admin.key, { allowed_ips: ['127.0.0.1', '192.0.2.0/24'] });
    const plain = await createKey(db, product, id, ['devices:read']);
    const narrow = await createKey(db, product, id, ['devices:read'], {
      allowedIps: ['192.0.2.1', '198.51.100.1'],
    });
    expect([await from(plain.key, '192.0.2.9'), await from(plain.key, '198.51.100.1')]).toEqual([200, 403]);
    expect(await from(narrow.key, '192.0.2.1')).toBe(200);
    expect(await from(narrow.key, '192.0.2.9')).toBe(403);
    expect(await from(narrow.key, '198.51.100.1')).toBe(403);
  });

  it('has at most 100 entries, and names each bad one', async () => {
    const { admin } = await organization();
    const many = Array.from({ length: 101 }, (_, n) => `192.0.2.${n}`);
    expect((await patch(admin.key, { allowed_ips: many })).status).toBe(400);
    const { body } = await patch(admin.key, { allowed_ips: ['127.0.0.1', '10.0.0.0/40', 'x', '::1/200'] });
    const details = field(body, 'error', 'details');
    expect((Array.isArray(details) ? details : []).map((each) => each.field)).toEqual([
      'allowed_ips.1',
      'allowed_ips.2',
      'allowed_ips.3',
    ]);
  });
});

describe('a change that would lock out its own maker', () => {
  it('is refused unless forced, for the organization and for the key in use', async () => {
    const { admin } = await organization();
    const own = `${url}/api-keys/${admin.id}`;
    for (const at of [`${url}/organization`, own]) {
      const refused = await patch(admin.key, { allowed_ips: ['192.0.2.1'] }, at);
      expect([refused.status, field(refused.body, 'error', 'code')]).toEqual([409, 'conflict']);
      expect(field(refused.body, 'error', 'message')).toContain('127.0.0.1');
      expect((await patch(admin.key, { allowed_ips: ['127.0.0.0/8'] }, at)).status).toBe(200);
    }
    expect((await patch(admin.key, { allowed_ips: ['192.0.2.1'], force: true }, own)).status).toBe(200);
    expect(await from(admin.key, '127.0.0.1')).toBe(403);
  });

  it('is no matter for another key', async () => {
    const { id, admin } = await organization();
    const other = await createKey(db, product, id, ['devices:read']);
    const at = `${url}/api-keys/${other.id}`;
    expect((await patch(admin.key, { allowed_ips: ['192.0.2.1'] }, at)).status).toBe(200);
  });
});

describe('a product with allowlists for some plans', () => {
  it('refuses them to the others, by name of the plan', async () => {
    const { admin } = await organization('free');
    const refused = await patch(admin.key, { allowed_ips: ['127.0.0.1'] }, `${limited.url}/organization`);
    expect([refused.status, field(refused.body, 'error', 'code')]).toEqual([403, 'plan_required']);
    expect(field(refused.body, 'error', 'message')).toContain('enterprise');
    const json = { name: 'K', permissions: ['admin'], allowed_ips: ['127.0.0.1'] };
    expect((await callAs(admin.key, `${limited.url}/api-keys`, { method: 'POST', json })).status).toBe(403);
    const key = await callAs(admin.key, `${limited.url}/api-keys`, {
      method: 'POST',
      json: { name: 'K', permissions: ['admin'] },
    });
    const at = `${limited.url}/api-keys/${field(key.body, 'id')}`;
    expect((await patch(admin.key, { allowed_ips: ['127.0.0.1'] }, at)).status).toBe(403);
    expect(field((await callAs(admin.key, at)).body, 'allowed_ips')).toEqual([]);
    const { admin: enterprise } = await organization();
    expect(
      (await patch(enterprise.key, { allowed_ips: ['127.0.0.1'] }, `${limited.url}/organization`)).status,
    ).toBe(200);
  });
});

describe('keys of a removed member', () => {
  it('stop at the next request where the organization wants it so', async () => {
    const { id, admin } = await organization();
    const maker = await createMember(db, id, 'member');
    const made = await createKey(db, product, id, ['devices:read'], { createdBy: maker.id });
    await callAs(admin.key, `${url}/users/${maker.id}`, { method: 'DELETE' });
    expect(await from(made.key, '192.0.2.1')).toBe(200);
    await patch(admin.key, { removed_member_keys: 'stop' });
    expect(await from(made.key, '192.0.2.1')).toBe(401);
    await patch(admin.key, { removed_member_keys: 'keep' });
    expect(await from(made.key, '192.0.2.1')).toBe(200);
  });
});

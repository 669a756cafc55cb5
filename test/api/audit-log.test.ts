import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { callAs, field, textField } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { url } = await startApi({ db, product });
const { id } = await createOrganization(db, product, { plan: 'enterprise' });
const admin = await createKey(db, product, id, ['admin']);

async function entries(query = '', key = admin.key): Promise<Record<string, unknown>[]> {
  const data = field((await callAs(key, `${url}/audit${query}`)).body, 'data');
  if (!Array.isArray(data)) throw new Error('no list');
  return data;
}

describe('each change', () => {
  it('has an entry that tells who, what, before and after, and no secret', async () => {
    const made = await callAs(admin.key, `${url}/api-keys`, {
      method: 'POST',
      json: { name: 'A', permissions: ['devices:read'] },
    });
    const keyId = textField(made.body, 'id');
    await callAs(admin.key, `${url}/api-keys/${keyId}`, { method: 'PATCH', json: { name: 'B' } });
    const deleted = await callAs(admin.key, `${url}/api-keys/${keyId}`, { method: 'DELETE' });

    const found = await entries(`?target_id=${keyId}`);
    expect(found.map((entry) => entry.action)).toEqual([
      'api_key.revoked',
      'api_key.updated',
      'api_key.created',
    ]);
    expect(found[1]).toMatchObject({
      actor: { type: 'api_key', id: admin.id },
      target: { type: 'api_key', id: keyId },
      before: { name: 'A' },
      after: { name: 'B' },
      ip_address: '127.0.0.1',
    });
    expect(found[0]?.request_id).toBe(deleted.headers.get('X-Request-Id'));
    expect(JSON.stringify(found)).not.toContain(textField(made.body, 'key'));
  });

  it('of a device, a policy and a member has one too, and a refused one has none', async () => {
    await callAs(admin.key, `${url}/devices`, { method: 'POST', json: { name: 'D' } });
    await callAs(admin.key, `${url}/policies`, { method: 'POST', json: { name: 'P' } });
    await callAs(admin.key, `${url}/users`, { method: 'POST', json: { email: 'm@example.com' } });
    const before = await entries('?limit=3');
    expect(before.map((entry) => entry.action)).toEqual([
      'user.created',
      'policies.created',
      'devices.created',
    ]);
    await callAs(admin.key, `${url}/devices`, { method: 'POST', json: { colour: 'red' } });
    expect(await entries('?limit=3')).toEqual(before);
  });

  it('filters by action and actor, and pages', async () => {
    const created = await entries('?action=devices.created');
    expect(created).toHaveLength(1);
    expect(await entries('?actor_id=key_nobody')).toEqual([]);
    const first = await callAs(admin.key, `${url}/audit?limit=1`);
    const [second] = await entries(`?limit=1&cursor=${textField(first.body, 'next_cursor')}`);
    expect(second).toEqual((await entries('?limit=2'))[1]);
  });
});

describe('a test key', () => {
  it('sees what was done in test mode only', async () => {
    const test = await createKey(db, product, id, ['admin'], { mode: 'test' });
    expect(await entries('', test.key)).toEqual([]);
    await callAs(test.key, `${url}/devices`, { method: 'POST', json: { name: 'T' } });
    expect((await entries('', test.key)).map((entry) => entry.mode)).toEqual(['test']);
  });
});

import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { insertRequests, type RequestRecord } from '#store';
import { addEntry, entriesOf } from '../support/audit.ts';
import { callAs, field, textField } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { requestAt } from '../support/request-records.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { url, requests } = await startApi({ db, product });
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

describe('the filters', () => {
  const actions = async (query: string) => (await entries(query)).map((entry) => entry.action);

  it('choose by who, what and to what', async () => {
    const { id: other } = await createOrganization(db, product, { plan: 'enterprise' });
    const { key, id: keyId } = await createKey(db, product, other, ['admin']);
    const of = async (query: string) => (await entries(query, key)).map((entry) => entry.action);
    const made = await callAs(key, `${url}/devices`, { method: 'POST', json: { name: 'D' } });
    const deviceId = textField(made.body, 'id');
    await callAs(key, `${url}/devices/${deviceId}`, { method: 'DELETE' });
    await callAs(key, `${url}/policies`, { method: 'POST', json: { name: 'P' } });
    await db.transaction((tx) => addEntry(tx, other));
    expect(await of('')).toEqual([
      'things.created',
      'policies.created',
      'devices.deleted',
      'devices.created',
    ]);
    expect(await of('?actor_type=operator')).toEqual(['things.created']);
    expect(await of(`?actor_id=${keyId}&target_type=pol`)).toEqual(['policies.created']);
    expect(await of(`?target_id=${deviceId}`)).toEqual(['devices.deleted', 'devices.created']);
    expect(await of('?action=devices.deleted')).toEqual(['devices.deleted']);
    expect(await of('?actor_type=user')).toEqual([]);
  });

  it('choose by time: from a moment on, and before another', async () => {
    const { id: other } = await createOrganization(db, product);
    const { key } = await createKey(db, product, other, ['admin']);
    for (const targetId of ['a', 'b', 'c']) await db.transaction((tx) => addEntry(tx, other, { targetId }));
    const [, second] = await entriesOf(db, other);
    const targets = async (query: string) =>
      (await entries(query, key)).map((entry) => field(entry, 'target', 'id'));
    expect(await targets(`?from=${second?.createdAt}`)).toEqual(['c', 'b']);
    expect(await targets(`?to=${second?.createdAt}`)).toEqual(['a']);
    expect(await targets('?from=2020-01-01&to=2999-12-31')).toEqual(['c', 'b', 'a']);
    expect(await targets('?to=2020-01-01T00:00:00Z')).toEqual([]);
  });

  it.each([
    'from=now',
    'from=0000-01-01',
    'to=2026-02-30',
    'actor_type=nobody',
    'cursor=MA',
    'cursor=IngiXQ',
  ])('refuse %s', async (query) => {
    expect((await callAs(admin.key, `${url}/audit?${query}`)).status).toBe(400);
  });

  it('page without a gap while others are added', async () => {
    const first = await callAs(admin.key, `${url}/audit?limit=2`);
    const rest = await actions('');
    await callAs(admin.key, `${url}/devices`, { method: 'POST', json: { name: 'Later' } });
    expect(await actions(`?cursor=${textField(first.body, 'next_cursor')}`)).toEqual(rest.slice(2));
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

describe('API activity', () => {
  const at = Date.parse('2026-03-15T12:00:00Z');
  const requestIn = (organizationId: string, ms: number, more: Partial<RequestRecord> = {}) =>
    requestAt(ms, { organizationId, ...more });
  const idsOf = async (query: string, key: string) =>
    (await entries(`?kind=api_activity${query}`, key)).map((entry) => entry.id);

  it('is the requests of the organization’s credentials, newest first, each as its own route shows it', async () => {
    const { id: other } = await createOrganization(db, product, { plan: 'enterprise' });
    const { key, id: keyId } = await createKey(db, product, other, ['admin']);
    const denied = await createKey(db, product, other, ['users:read']);
    await callAs(denied.key, `${url}/devices`);
    await callAs(key, `${url}/devices`, { method: 'POST', json: { name: 'D' } });
    await requests.flush();
    const found = await entries('?kind=api_activity', key);
    expect(found).toEqual([
      expect.objectContaining({
        method: 'POST',
        outcome: 'success',
        credential: { type: 'api_key', key_id: keyId },
      }),
      expect.objectContaining({ method: 'GET', outcome: 'denied', status: 403 }),
    ]);
    for (const entry of found) expect((await callAs(key, `${url}/requests/${entry.id}`)).body).toEqual(entry);
    expect((await entries('?kind=changes', key)).map((entry) => entry.action)).toEqual(['devices.created']);
    expect(await entries('', key)).toEqual(await entries('?kind=changes', key));
  });

  it('is filtered by time and paged without a gap, and has nothing of another organization', async () => {
    const [one, two] = [await createOrganization(db, product), await createOrganization(db, product)];
    const { key } = await createKey(db, product, one.id, ['admin']);
    const times = [at - 1, at, at, at, at + 1, at + 3_600_000, at + 86_400_000];
    const records = times.map((ms) => requestIn(one.id, ms)).toSorted((a, b) => (a.id < b.id ? 1 : -1));
    await insertRequests(db, [...records, ...times.map((ms) => requestIn(two.id, ms))]);
    const ids = records.map((record) => record.id);
    expect(await idsOf('&to=2026-04-01', key)).toEqual(ids);
    expect(await idsOf('&from=2026-03-15T12:00:00Z&to=2026-03-15T12:00:00.001Z', key)).toEqual(
      ids.slice(3, 6),
    );
    expect(await idsOf('&from=2026-03-16&to=2026-04-01', key)).toEqual(ids.slice(0, 1));
    const paged: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await callAs(key, `${url}/audit?kind=api_activity&limit=3&to=2026-04-01${cursor}`);
      const data = field(body, 'data');
      if (Array.isArray(data)) paged.push(...data.map((entry) => textField(entry, 'id')));
      if (field(body, 'has_more') === false) break;
      cursor = `&cursor=${textField(body, 'next_cursor')}`;
    }
    expect(paged).toEqual(ids);
  });

  it('shows a test credential what test credentials sent', async () => {
    const { id: other } = await createOrganization(db, product);
    const [live, test] = [
      await createKey(db, product, other, ['admin']),
      await createKey(db, product, other, ['admin'], { mode: 'test' }),
    ];
    const [inLive, inTest] = [requestIn(other, at), requestIn(other, at - 1, { mode: 'test' })];
    await insertRequests(db, [inLive, inTest]);
    expect(await idsOf('&to=2026-04-01', test.key)).toEqual([inTest.id]);
    expect(await idsOf('&to=2026-04-01', live.key)).toEqual([inLive.id, inTest.id]);
  });

  it.each([
    'kind=all',
    'kind=api_activity&action=devices.created',
    'kind=api_activity&actor_id=key_a',
    'kind=api_activity&cursor=MQ',
  ])('refuses %s', async (query) => {
    expect((await callAs(admin.key, `${url}/audit?${query}`)).status).toBe(400);
  });
});

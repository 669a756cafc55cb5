import { beforeAll, describe, expect, it } from '@jest/globals';
import { keyStatistics, loadProduct } from '#catalog';
import { insertRequests, type RequestRecord } from '#store';
import { type Answer, callAs, field, textField } from '../support/call.ts';
import { type CreatedKey, createKey, createOrganization } from '../support/fixtures.ts';
import { requestAt } from '../support/request-records.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const dayMs = 86_400_000;
const plain = await loadProduct('vaultwares');
const statistics = keyStatistics({ path: '/api-keys', scope: 'admin' });
const product = { ...plain, capabilities: [...plain.capabilities, statistics] };
const db = await createTestDatabase();
// Two processes on one database.
const [first, second] = [await startApi({ db, product }), await startApi({ db, product })];

const { id: organizationId } = await createOrganization(db, product, { plan: 'enterprise' });
const admin = await createKey(db, product, organizationId, ['admin']);
const newKey = (scopes = ['devices:read'], options = {}) =>
  createKey(db, product, organizationId, scopes, options);
const ask = (key: { id: string }, what: string, as = admin.key) =>
  callAs(as, `${first.url}/api-keys/${key.id}/${what}`);

async function written(): Promise<void> {
  for (const api of [first, second]) await Promise.all([api.requests.flush(), api.flushKeyUses()]);
}

/** Records of a key at days before today (UTC), at noon, or today's first moment. */
const recordOf = (key: CreatedKey, daysAgo: number, more: Partial<RequestRecord> = {}) => {
  const today = Date.now() - (Date.now() % dayMs);
  return requestAt(today - daysAgo * dayMs + (daysAgo === 0 ? 0 : dayMs / 2), {
    organizationId,
    keyId: key.id,
    ...more,
  });
};

describe('the usage of a key', () => {
  it('counts what came to any process, good or not, as soon as it is written', async () => {
    const key = await newKey();
    for (const { url } of [first, second, second]) await callAs(key.key, `${url}/devices`);
    await callAs(key.key, `${first.url}/policies`);
    await written();
    const { status, body } = await ask(key, 'usage');
    const now = new Date().toISOString();
    expect(status).toBe(200);
    expect(body).toEqual({
      key_id: key.id,
      requests_today: 4,
      requests_this_month: 4,
      last_used_at: expect.stringContaining(now.slice(0, 11)),
      last_used_ip: '127.0.0.1',
    });
  });

  it('is of today and of this month in UTC, and of nothing before', async () => {
    const key = await newKey();
    const monthDays = new Date().getUTCDate() - 1;
    await insertRequests(db, [
      recordOf(key, 0),
      requestAt(Date.now() - (Date.now() % dayMs) - 1, { organizationId, keyId: key.id }),
      ...(monthDays > 0 ? [recordOf(key, monthDays)] : []),
      recordOf(key, monthDays + 1),
      recordOf(key, 40),
    ]);
    const { body } = await ask(key, 'usage');
    // On the first day of a month the last moment of yesterday is another month's.
    const inMonth = monthDays > 0 ? 3 : 1;
    expect(body).toMatchObject({ requests_today: 1, requests_this_month: inMonth, last_used_at: null });
  });

  it('of a key that was never used is zero, and of a revoked one stays', async () => {
    const key = await newKey();
    await written();
    expect((await ask(key, 'usage')).body).toEqual({
      key_id: key.id,
      requests_today: 0,
      requests_this_month: 0,
      last_used_at: null,
      last_used_ip: null,
    });
    await callAs(admin.key, `${first.url}/api-keys/${key.id}`, { method: 'DELETE' });
    await callAs(key.key, `${first.url}/devices`);
    await written();
    expect((await ask(key, 'usage')).body).toMatchObject({ requests_today: 1, last_used_at: null });
  });
});

describe('the statistics of a key', () => {
  let key: CreatedKey;
  let body: unknown;
  beforeAll(async () => {
    key = await newKey();
    await insertRequests(db, [
      recordOf(key, 29),
      recordOf(key, 30),
      recordOf(key, 5, { status: 404, ipAddress: '192.0.2.9' }),
      recordOf(key, 1, { status: 429, ipAddress: '192.0.2.9' }),
      recordOf(key, 1, { method: 'POST', status: 201, ipAddress: '192.0.2.9' }),
      recordOf(key, 0, { route: null, status: 404 }),
      recordOf(admin, 0),
    ]);
    body = (await ask(key, 'statistics')).body;
  });

  it('are of 30 days in UTC: the total, the error rate, and the last use', () => {
    const from = new Date(Date.now() - 29 * dayMs).toISOString().slice(0, 10);
    expect(body).toMatchObject({
      key_id: key.id,
      from: `${from}T00:00:00Z`,
      total_requests: 5,
      error_rate: 0.6,
      last_used_at: null,
    });
  });

  it('tell the requests by endpoint, most first', () => {
    expect(field(body, 'endpoints')).toEqual([
      { method: 'GET', route: '/v1/devices', requests: 3, error_rate: 0.6667 },
      { method: 'GET', route: null, requests: 1, error_rate: 1 },
      { method: 'POST', route: '/v1/devices', requests: 1, error_rate: 0 },
    ]);
  });

  it('tell the addresses, most first, and when each was last used', () => {
    const at = (daysAgo: number, time: string) =>
      `${new Date(Date.now() - daysAgo * dayMs).toISOString().slice(0, 10)}T${time}Z`;
    expect(field(body, 'ip_addresses')).toEqual([
      { ip_address: '192.0.2.9', requests: 3, last_used_at: at(1, '12:00:00') },
      { ip_address: '192.0.2.1', requests: 2, last_used_at: at(0, '00:00:00') },
    ]);
  });

  it('of a key that was never used are empty', async () => {
    expect((await ask(await newKey(), 'statistics')).body).toMatchObject({
      total_requests: 0,
      error_rate: 0,
      endpoints: [],
      ip_addresses: [],
    });
  });

  it('name the 100 addresses with the most requests', async () => {
    const roaming = await newKey();
    const from = (n: number) => recordOf(roaming, 0, { ipAddress: `198.51.100.${n}` });
    const some = Array.from({ length: 120 }, (_, n) => from(n));
    await insertRequests(db, [...some, from(119)]);
    const addresses = field((await ask(roaming, 'statistics')).body, 'ip_addresses');
    expect(addresses).toHaveLength(100);
    expect(field(addresses, 0)).toMatchObject({ ip_address: '198.51.100.119', requests: 2 });
  });
});

describe('the history of a key', () => {
  const entries = ({ body }: Answer) => {
    const data = field(body, 'data');
    if (!Array.isArray(data)) throw new Error('no list');
    return data;
  };

  it('has its requests, newest first, with their outcome and why one was denied; each is found by its id', async () => {
    const key = await newKey(['devices:read', 'devices:write']);
    const sent = [
      await callAs(key.key, `${first.url}/devices`),
      await callAs(key.key, `${second.url}/devices`, { method: 'POST', json: { name: 'D' } }),
      await callAs(key.key, `${first.url}/policies`),
      await callAs(key.key, `${first.url}/devices`, { method: 'POST', json: { colour: 'red' } }),
    ];
    await written();
    const history = entries(await ask(key, 'requests'));
    expect(history.map(({ method, path, outcome, denial }) => [method, path, outcome, denial?.rule])).toEqual(
      [
        ['POST', '/v1/devices', 'error', undefined],
        ['GET', '/v1/policies', 'denied', 'insufficient_scope'],
        ['POST', '/v1/devices', 'success', undefined],
        ['GET', '/v1/devices', 'success', undefined],
      ],
    );
    expect(history.map(({ id }) => id)).toEqual(
      sent.map(({ headers }) => headers.get('X-Request-Id')).toReversed(),
    );
    for (const entry of history)
      expect((await callAs(admin.key, `${first.url}/requests/${entry.id}`)).body).toEqual(entry);
  });

  it('pages without a gap over days, and within one moment, while more requests come', async () => {
    const key = await newKey();
    const at = Date.now() - 3 * dayMs;
    const old = [at, at, at, at, at - 1, at - dayMs, at - 2 * dayMs];
    const records = old.map((ms) => requestAt(ms, { organizationId, keyId: key.id }));
    await insertRequests(db, records);
    const found: string[] = [];
    for (let cursor = ''; ; ) {
      const answer = await ask(key, `requests?limit=2${cursor}`);
      found.push(...entries(answer).map(({ id }) => id));
      await insertRequests(db, [requestAt(Date.now(), { organizationId, keyId: key.id })]);
      if (field(answer.body, 'has_more') === false) break;
      cursor = `&cursor=${textField(answer.body, 'next_cursor')}`;
    }
    expect(found).toEqual(
      records
        .map(({ id }) => id)
        .toSorted()
        .toReversed(),
    );
  });

  const noTime = Buffer.from(`"req_${'z'.repeat(26)}"`).toString('base64url');
  it.each(['cursor=MA', `cursor=${noTime}`, 'limit=0', 'from=2026-01-01'])('refuses %s', async (query) => {
    expect((await ask(admin, `requests?${query}`)).status).toBe(400);
  });
});

describe('what a key was used for', () => {
  const views = ['usage', 'statistics', 'requests'];

  it('is seen with the scope that the product says, and by a test key of test keys only', async () => {
    const [reader, test, live] = [
      await newKey(['audit:read']),
      await newKey(['admin'], { mode: 'test' }),
      await newKey(),
    ];
    const statuses = async (key: CreatedKey, as: CreatedKey) =>
      Promise.all(views.map(async (view) => (await ask(key, view, as.key)).status));
    expect(await statuses(live, reader)).toEqual([403, 403, 200]);
    expect(await statuses(live, live)).toEqual([403, 403, 403]);
    expect(await statuses(live, test)).toEqual([404, 404, 404]);
    expect(await statuses(test, test)).toEqual([200, 200, 200]);
    expect(await statuses(test, admin)).toEqual([200, 200, 200]);
  });
});

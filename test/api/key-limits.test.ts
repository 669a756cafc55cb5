import { describe, expect, it } from '@jest/globals';
import { defineProduct, loadProduct, perHour, perMinute } from '#catalog';
import { updateOrganizationPlan } from '#store';
import { memoryLimiter } from '../../apps/api/src/limits/memory-limiter.ts';
import { vaultwares } from '../../packages/catalog/products/vaultwares.ts';
import { callAs, field, textField } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
let nowMs = Date.now();
const { url } = await startApi({ db, product, limiter: memoryLimiter(() => nowMs) });
const windows = [perMinute(10), perHour(100)];
const torvus = await loadProduct('torvus');
const torvusApi = await startApi({ db, product: torvus });
// No vendor's document names a burst, so this product is the test's own.
const burst = { name: 'burst', limit: 2, seconds: 1 };
const bursty = defineProduct({
  ...vaultwares,
  plans: { ...vaultwares.plans, free: { windows: [burst, perMinute(5), perHour(6)] } },
});
const burstyApi = await startApi({ db, product: bursty, limiter: memoryLimiter(() => nowMs) });
const organization = await createOrganization(db, product, { plan: 'custom', windows });
const admin = await createKey(db, product, organization.id, ['admin']);

/** By a key of its own each, since each request counts. */
async function create(rate_limits: unknown, more: object = {}) {
  const { key } = await createKey(db, product, organization.id, ['admin']);
  const json = { name: 'Narrow', permissions: ['devices:read'], rate_limits, ...more };
  return callAs(key, `${url}/api-keys`, { method: 'POST', json });
}
const use = (key: string) => callAs(key, `${url}/devices`);

describe('a key with limits below the plan’s', () => {
  it('is held to both in one step, and tells of both', async () => {
    const made = await create([
      { limit: 2, seconds: 1 },
      { limit: 4, seconds: 60 },
    ]);
    expect(made.status).toBe(201);
    const key = textField(made.body, 'key');
    const first = await use(key);
    expect(first.headers.get('RateLimit-Policy')).toBe(
      '"second";q=2;w=1, "minute";q=4;w=60, "hour";q=100;w=3600',
    );
    expect((await use(key)).status).toBe(200);
    const burst = await use(key);
    expect([burst.status, burst.headers.get('X-RateLimit-Limit')]).toEqual([429, '2']);
    // What the second refused was not charged to the minute or the hour.
    expect(burst.headers.get('RateLimit')).toMatch(/"minute";r=2;t=\d+, "hour";r=98;/);
    nowMs += 2_000;
    for (const status of [200, 200]) expect((await use(key)).status).toBe(status);
    nowMs += 2_000;
    const minute = await use(key);
    expect([minute.status, minute.headers.get('X-RateLimit-Limit')]).toEqual([429, '4']);
  });

  it('is held to the lower of two for the same time', async () => {
    const made = await create([4, 3, 5].map((limit) => ({ limit, seconds: 60 })));
    const { headers } = await use(textField(made.body, 'key'));
    expect(headers.get('RateLimit-Policy')).toBe('"minute";q=3;w=60, "hour";q=100;w=3600');
  });

  it('may have one for a longer time than the plan knows', async () => {
    const made = await create([{ limit: 3, seconds: 86_400 }]);
    const key = textField(made.body, 'key');
    const { headers } = await use(key);
    expect(headers.get('RateLimit-Policy')).toBe(
      '"minute";q=10;w=60, "hour";q=100;w=3600, "day";q=3;w=86400',
    );
    for (const status of [200, 200, 429]) expect((await use(key)).status).toBe(status);
  });

  it('shows them in its own answer, and gets others, or none, by a change that holds at once', async () => {
    const made = await create([{ limit: 1, seconds: 60 }]);
    const [id, key] = [textField(made.body, 'id'), textField(made.body, 'key')];
    expect(field(made.body, 'rate_limits')).toEqual([{ limit: 1, seconds: 60 }]);
    expect([(await use(key)).status, (await use(key)).status]).toEqual([200, 429]);
    const change = async (rate_limits: unknown) => {
      const json = { rate_limits };
      return callAs(admin.key, `${url}/api-keys/${id}`, { method: 'PATCH', json });
    };
    expect(field((await change([{ limit: 2, seconds: 60 }])).body, 'rate_limits')).toEqual([
      { limit: 2, seconds: 60 },
    ]);
    expect([(await use(key)).status, (await use(key)).status]).toEqual([200, 429]);
    expect(field((await change([])).body, 'rate_limits')).toEqual([]);
    const { headers } = await use(key);
    expect(headers.get('RateLimit')).toMatch(/"minute";r=7;/);
    const renamed = { method: 'PATCH', json: { name: 'Other' } };
    await change([{ limit: 3, seconds: 60 }]);
    const kept = await callAs(admin.key, `${url}/api-keys/${id}`, renamed);
    expect(field(kept.body, 'rate_limits')).toEqual([{ limit: 3, seconds: 60 }]);
  });

  it('is in the audit log with them, before and after', async () => {
    const made = await create([{ limit: 1, seconds: 60 }]);
    const id = textField(made.body, 'id');
    const path = `${url}/api-keys/${id}`;
    const { key } = await createKey(db, product, organization.id, ['admin']);
    await callAs(key, path, { method: 'PATCH', json: { rate_limits: [{ limit: 5, seconds: 1 }] } });
    const [created, updated] = await db.query(
      'select before, after from audit_entries where target_id = $1 order by id',
      [id],
    );
    expect(created?.after.rate_limits).toEqual([{ limit: 1, seconds: 60 }]);
    expect(updated?.before.rate_limits).toEqual([{ limit: 1, seconds: 60 }]);
    expect(updated?.after.rate_limits).toEqual([{ limit: 5, seconds: 1 }]);
  });

  it.each([
    [
      'more than the plan has for the same time',
      { limit: 11, seconds: 60 },
      'must be no more than the 10 of the plan',
    ],
    [
      'more in a shorter time than in a longer',
      { limit: 11, seconds: 1 },
      'must be no more than the 10 of the plan',
    ],
  ])('can’t have %s', async (_what, limit, message) => {
    const refused = await create([{ limit: 1, seconds: 2 }, limit]);
    const details = field(refused.body, 'error', 'details');
    expect([refused.status, details]).toEqual([400, [{ field: 'rate_limits.1', message }]]);
    const { id } = await createKey(db, product, organization.id, ['devices:read']);
    const { key } = await createKey(db, product, organization.id, ['admin']);
    const changed = await callAs(key, `${url}/api-keys/${id}`, {
      method: 'PATCH',
      json: { rate_limits: [limit] },
    });
    expect(changed.status).toBe(400);
  });

  it.each([
    ['no number', [{ limit: 'x', seconds: 1 }]],
    ['none at all', [{ limit: 0, seconds: 1 }]],
    ['half a second', [{ limit: 1, seconds: 0.5 }]],
    ['six', [1, 2, 3, 4, 5, 6].map((seconds) => ({ limit: 1, seconds }))],
    ['an unknown field', [{ limit: 1, seconds: 1, name: 'x' }]],
  ])('can’t have %s', async (_what, limits) => {
    expect((await create(limits)).status).toBe(400);
  });

  it('never gets more than its plan when that has become smaller', async () => {
    const grown = await createOrganization(db, product, { plan: 'custom', windows });
    const { key } = await createKey(db, product, grown.id, ['devices:read'], { windows: [perMinute(8)] });
    expect((await use(key)).headers.get('RateLimit-Policy')).toBe('"minute";q=8;w=60, "hour";q=100;w=3600');
    await updateOrganizationPlan(db, grown.id, { plan: 'custom', windows: [perMinute(3)] });
    expect((await use(key)).headers.get('RateLimit-Policy')).toBe('"minute";q=3;w=60');
    await updateOrganizationPlan(db, grown.id, { plan: 'custom', windows: [perMinute(20)] });
    expect((await use(key)).headers.get('RateLimit-Policy')).toBe('"minute";q=8;w=60');
  });

  it('of test mode is held against the higher limits that the product gives there', async () => {
    const { id } = await createOrganization(db, torvus, { plan: 'professional' });
    const { key } = await createKey(db, torvus, id, ['read', 'manage']);
    const statusOf = async (mode: string) => {
      const json = {
        name: 'x',
        permissions: ['read'],
        mode,
        rate_limits: [{ limit: 5_000, seconds: 3_600 }],
      };
      return (await callAs(key, `${torvusApi.url}/api-keys`, { method: 'POST', json })).status;
    };
    expect([await statusOf('live'), await statusOf('test')]).toEqual([400, 201]);
  });
});

describe('a plan with a burst beside minute and hour', () => {
  it('holds all three at once, and says so', async () => {
    const { id } = await createOrganization(db, bursty);
    const { key } = await createKey(db, bursty, id, ['devices:read']);
    const list = () => callAs(key, `${burstyApi.url}/devices`);
    const first = await list();
    expect(first.headers.get('RateLimit-Policy')).toBe(
      '"burst";q=2;w=1, "minute";q=5;w=60, "hour";q=6;w=3600',
    );
    expect((await list()).status).toBe(200);
    const burst = await list();
    expect([burst.status, burst.headers.get('Retry-After')]).toEqual([429, '1']);
    expect(field(burst.body, 'error')).toMatchObject({ code: 'rate_limit_exceeded', retry_after: 1 });

    const statuses: number[] = [];
    for (let n = 0; n < 4; n++) {
      nowMs += 2_000;
      statuses.push((await list()).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
    nowMs += 120_000;
    const hour = [await list(), await list()];
    expect(hour.map(({ status }) => status)).toEqual([200, 429]);
    expect(hour[1]?.headers.get('X-RateLimit-Limit')).toBe('6');
  });
});

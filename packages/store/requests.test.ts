import { describe, expect, it } from '@jest/globals';
import { requestAt } from '../../test/support/request-records.ts';
import { createTestDatabase } from '../../test/support/test-database.ts';
import { insertRequests, listRequests, type RequestFilters } from './requests.ts';

const dayMs = 86_400_000;
const start = Date.parse('2026-01-01T00:00:00Z');
const db = await createTestDatabase();
const organizationId = 'org_large';
/** When its own requests stopped: others go on for two days more. */
const quietSince = 2;
await insertRequests(
  db,
  Array.from({ length: 20_000 }, (_, n) => {
    const day = Math.floor(n / 5_000);
    const own = n % 4 === 0 && day < quietSince;
    return requestAt(start + day * dayMs + (n % 5_000) * 17_000, {
      organizationId: own ? organizationId : `org_${n % 50}`,
      keyId: own && n % 1_000 === 0 ? 'key_rare' : `key_${n % 50}`,
      mode: n % 200 === 0 ? 'test' : 'live',
    });
  }),
);
await db.query('analyze requests');

/** How a page is found: the plan as PostgreSQL has carried it out. */
async function planOf(filters: RequestFilters, cursor: string | null = null): Promise<string> {
  let plan = '';
  const explained = {
    async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
      const rows = await db.query(`explain (analyze, timing off, summary off, buffers off) ${text}`, values);
      plan = rows.map((row) => Object.values(row).join()).join('\n');
      return [];
    },
  };
  await listRequests(explained, organizationId, { limit: 5, cursor, ...filters });
  return plan;
}

describe('a page of requests', () => {
  it.each([
    ['an organization', {}, /_pkey on requests_20260102/],
    ['a key', { keyId: 'key_rare' }, /_key_id_started_at_idx/],
    ['an organization in test mode', { mode: 'test' }, /_organization_id_started_at_idx/],
  ] as const)(
    'of %s is found by an index that has no others, however many came since',
    async (_name, filters, index) => {
      const plan = await planOf(filters);
      expect(plan).toMatch(index);
      expect(plan).not.toMatch(/Seq Scan on requests_2026010[1-4]|Rows Removed by Filter/);
    },
  );

  it('after a cursor does not ask the days after it, nor the days before it that it does not need', async () => {
    const [last] = await listRequests(db, organizationId, { limit: 1, cursor: null });
    expect(last?.id).toBeDefined();
    const plan = await planOf({}, last?.id);
    expect(plan).not.toMatch(/requests_2026010[34]/);
    expect(plan).toMatch(/requests_20260101 .*\(never executed\)/);
  });
});

import { describe, expect, it } from '@jest/globals';
import { requestAt } from '../../test/support/request-records.ts';
import { createTestDatabase } from '../../test/support/test-database.ts';
import { openDatabase } from './database.ts';
import { createRequestPartitions, dropRequestPartitions } from './request-partitions.ts';
import { findRequest, insertRequests } from './requests.ts';

const dayMs = 86_400_000;
const midnight = Date.parse('2026-01-01T00:00:00Z');
const db = await createTestDatabase();

async function partitions(): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'requests'::regclass order by 1`,
  );
  return rows.map(({ name }) => name);
}

async function dayOf(id: string): Promise<string | undefined> {
  const [row] = await db.query<{ name: string }>(
    'select r.tableoid::regclass::text as name from requests r where r.id = $1',
    [id],
  );
  return row?.name;
}

describe('records', () => {
  it('of days that have no partition make them, and each is in its own day to the millisecond', async () => {
    const [last, first, later] = [midnight - 1, midnight, midnight + dayMs].map((ms) => requestAt(ms));
    const all = [last, first, later].flatMap((record) => record ?? []);
    await insertRequests(db, all);
    expect(await Promise.all(all.map(({ id }) => dayOf(id)))).toEqual([
      'requests_20251231',
      'requests_20260101',
      'requests_20260102',
    ]);
    expect(await Promise.all(all.map(({ id }) => findRequest(db, 'org_a', id)))).toEqual(all);
  });

  it('that are sent twice are stored once', async () => {
    const record = requestAt(midnight);
    await insertRequests(db, [record]);
    await insertRequests(db, [record, requestAt(midnight)]);
    expect(await db.query('select id from requests where id = $1', [record.id])).toHaveLength(1);
  });

  it('are looked for in the one partition of their day', async () => {
    const { id } = requestAt(midnight);
    const asked: string[] = [];
    const explained = {
      async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
        const plan = await db.query(`explain ${text}`, values);
        asked.push(...(JSON.stringify(plan).match(/requests_\d{8}(?=_pkey| )/g) ?? []));
        return [];
      },
    };
    await findRequest(explained, 'org_a', id);
    expect([...new Set(asked)]).toEqual(['requests_20260101']);
  });
});

describe('the partitions', () => {
  it('are made by several processes at once, each of them once', async () => {
    const from = midnight + 100 * dayMs;
    const others = Array.from({ length: 4 }, () => openDatabase({ url: db.url, poolSize: 2 }));
    const before = await partitions();
    await Promise.all([
      ...others.map((other) => createRequestPartitions(other, from, from + 3 * dayMs)),
      ...others.map((other) => insertRequests(other, [requestAt(from + dayMs)])),
    ]);
    await Promise.all(others.map((other) => other.close()));
    const made = (await partitions()).filter((name) => !before.includes(name));
    expect(made).toEqual(['11', '12', '13', '14', '15', '16'].map((day) => `requests_202604${day}`));
  });

  it('are made while others write and read, and wait for neither', async () => {
    await createRequestPartitions(db, midnight);
    await db.transaction(async (tx) => {
      await tx.query('lock table requests in row exclusive mode');
      await createRequestPartitions(db, midnight + 200 * dayMs);
      await insertRequests(db, [requestAt(midnight)]);
    });
    expect(await partitions()).toContain('requests_20260720');
  });

  it('are dropped when the last record of a day is older than the days to keep', async () => {
    const at = midnight + 300 * dayMs;
    const [kept, old] = [requestAt(at - 7 * dayMs), requestAt(at - 7 * dayMs - 1)];
    await insertRequests(db, [kept, old]);
    const before = await partitions();
    const dropped = await dropRequestPartitions(db, 7, at + dayMs - 1);
    expect(dropped.at(-1)).toBe('requests_20261020');
    expect(await partitions()).toEqual(before.filter((name) => !dropped.includes(name)));
    expect([await findRequest(db, 'org_a', kept.id), await findRequest(db, 'org_a', old.id)]).toEqual([
      kept,
      null,
    ]);
    expect(await dropRequestPartitions(db, 7, at + dayMs - 1)).toEqual([]);
  });
});

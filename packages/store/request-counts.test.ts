import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import knex from 'knex';
import { down, up } from '../../migrations/0011_request_counts.ts';
import { requestAt } from '../../test/support/request-records.ts';
import { createTestDatabase } from '../../test/support/test-database.ts';
import { until } from '../../test/support/until.ts';
import { openDatabase } from './database.ts';
import { countRequestsByAddress, countRequestsByEndpoint, sumRequests } from './request-counts.ts';
import { insertRequests, type RequestRecord } from './requests.ts';

const hourMs = 3_600_000;
const now = '2026-03-15T12:30:00.000Z';
const nowMs = Date.parse(now);
const db = await createTestDatabase();
/** Each as a process of its own has it. */
const processes = Array.from({ length: 4 }, () => openDatabase({ url: db.url, poolSize: 3 }));
afterAll(() => Promise.all(processes.map((each) => each.close())));

const writeAtOnce = (batches: readonly RequestRecord[][]) =>
  Promise.all(batches.map((batch, at) => insertRequests(processes[at % processes.length] ?? db, batch)));

/** How often each text occurs, as [text, times], in the order of the texts. */
function tally(texts: readonly string[]): [string, number][] {
  const counts = Map.groupBy(texts, (text) => text);
  return [...counts].map(([text, all]): [string, number] => [text, all.length]).toSorted();
}

const unit = (ms: number, length: number) => new Date(ms).toISOString().slice(0, length);

let runs = 0;
/** A request by one of three keys, or by none, somewhere in the 40 days before now. */
const drawn = fc.record({
  key: fc.nat(3),
  agoMs: fc.oneof(fc.nat(3 * hourMs), fc.nat(40 * 24 * hourMs)),
  method: fc.constantFrom('GET', 'POST'),
  route: fc.constantFrom('/v1/devices', '/v1/policies', null),
  status: fc.constantFrom(200, 201, 399, 400, 404, 429, 499, 500),
  scope: fc.constantFrom('devices:read', 'devices:write', null),
  address: fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1'),
});

describe('counts', () => {
  it('are those of the records, in whatever batches, how often and by which processes they come at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(drawn, { minLength: 1, maxLength: 60 }),
        fc.array(fc.array(fc.nat(59), { minLength: 1, maxLength: 80 }), { minLength: 1, maxLength: 12 }),
        async (requests, draws) => {
          const run = runs++;
          const made = requests.map(({ key, agoMs, address, ...rest }) =>
            requestAt(nowMs - agoMs, {
              ...rest,
              ...(key < 3 ? { keyId: `key_${run}_${key}` } : { keyId: null, userId: 'u', clientId: 'c' }),
              organizationId: `org_${run}`,
              ipAddress: address,
            }),
          );
          const batches = draws.map((draw) => draw.flatMap((at) => made[at] ?? []));
          await writeAtOnce(batches.filter((batch) => batch.length > 0));

          const rows = await db.query<{
            key: string | null;
            at: string;
            endpoint: string;
            status: number;
            scope: string | null;
            ip: string;
          }>(
            `select key_id as key, started_at as at, method || ' ' || coalesce(route, '-') as endpoint, status, scope,
               ip_address as ip from requests where organization_id = $1`,
            [`org_${run}`],
          );
          expect(rows).toHaveLength(new Set(batches.flat()).size);
          const byApps = rows
            .filter(({ key }) => key === null)
            .map((row) => ({ ...row, used: [401, 403, 429].includes(row.status) ? '' : (row.scope ?? '') }));
          const counted = await db.query<{ day: string; scope: string; n: number; last: string }>(
            `select day, scope, requests as n, last_used_at as last from app_request_counts
             where (user_id, client_id, organization_id) = ('u', 'c', $1) order by day, scope`,
            [`org_${run}`],
          );
          expect(counted.map(({ day, scope, n }) => [`${day.slice(0, 10)} ${scope}`, n]).toSorted()).toEqual(
            tally(byApps.map(({ at, used }) => `${unit(Date.parse(at), 10)} ${used}`)),
          );
          const times = byApps.map(({ at }) => Date.parse(at));
          expect(Math.max(0, ...counted.map(({ last }) => Date.parse(last)))).toBe(Math.max(0, ...times));
          for (const keyId of [0, 1, 2].map((key) => `key_${run}_${key}`)) {
            const own = rows
              .filter(({ key }) => key === keyId)
              .map((row) => ({ ...row, ms: Date.parse(row.at) }));
            const startsWith = (length: number) =>
              own.filter(({ ms }) => unit(ms, length) === now.slice(0, length)).length;
            expect(await sumRequests(db, keyId, now)).toEqual({
              today: startsWith(10),
              thisMonth: startsWith(7),
            });

            const since = own.filter(({ at }) => at >= '2026-02-14');
            const byEndpoint = await countRequestsByEndpoint(db, keyId, '2026-02-14');
            const named = byEndpoint.map((each) => ({
              ...each,
              endpoint: `${each.method} ${each.route ?? '-'}`,
            }));
            expect(named.map((each) => [each.endpoint, each.requests]).toSorted()).toEqual(
              tally(since.map(({ endpoint }) => endpoint)),
            );
            const failed = since.filter(({ status }) => status >= 400).map(({ endpoint }) => endpoint);
            const errors = named
              .filter((each) => each.errors > 0)
              .map((each) => [each.endpoint, each.errors]);
            expect(errors.toSorted()).toEqual(tally(failed));
            const byAddress = await countRequestsByAddress(db, keyId, { from: '2026-02-14', limit: 10 });
            expect(byAddress.map(({ ipAddress, requests: n }) => [ipAddress, n]).toSorted()).toEqual(
              tally(since.map(({ ip }) => ip)),
            );
            for (const { ipAddress, lastUsedAt } of byAddress) {
              const last = Math.max(...since.filter(({ ip }) => ip === ipAddress).map(({ ms }) => ms));
              expect(Date.parse(lastUsedAt)).toBe(last);
            }
            const hours = await db.query<{ hour: string; n: number }>(
              'select hour, sum(requests)::int as n from request_counts where key_id = $1 group by hour order by hour',
              [keyId],
            );
            expect(hours.map(({ hour, n }) => [hour.slice(0, 13), n])).toEqual(
              tally(own.map(({ ms }) => unit(ms, 13))),
            );
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('survive that processes write the same records of many keys in opposite orders at once', async () => {
    const records = Array.from({ length: 500 }, (_, n) =>
      requestAt(nowMs - n, { keyId: `key_many_${n}`, ipAddress: `192.0.2.${n % 250}` }),
    );
    const writing = await db.transaction(async (tx) => {
      // Both stop here, halfway, and go on together.
      await insertRequests({ ...db, query: tx.query }, records.slice(250, 251));
      const both = writeAtOnce([records, records.toReversed()]);
      await until(async () => {
        const waiting = await db.query(
          `select from pg_stat_activity where datname = current_database() and wait_event = 'transactionid'`,
        );
        return waiting.length === 2;
      });
      return { both };
    });
    await writing.both;
    expect(
      await db.query(
        `select count(*)::int as rows, sum(requests)::int as requests from request_counts where key_id like 'key_many_%'`,
      ),
    ).toEqual([{ rows: 500, requests: 500 }]);
  });

  it('have nothing of a batch that failed', async () => {
    const [good, bad] = [
      requestAt(nowMs, { keyId: 'key_failed' }),
      requestAt(nowMs, { path: 'not storable: \0' }),
    ];
    await expect(insertRequests(db, [good, bad])).rejects.toThrow('invalid byte sequence');
    expect(await sumRequests(db, 'key_failed', now)).toEqual({ today: 0, thisMonth: 0 });
    await insertRequests(db, [good]);
    expect(await sumRequests(db, 'key_failed', now)).toEqual({ today: 1, thisMonth: 1 });
  });

  it('of records that were there before them are made by the migration', async () => {
    const tables = async () =>
      Promise.all(
        ['request_counts', 'request_addresses'].map((name) => db.query(`table ${name} order by 1, 2, 3, 4`)),
      );
    const before = await tables();
    expect(before.map((rows) => rows.length > 100)).toEqual([true, true]);
    const client = knex({ client: 'pg', connection: db.url });
    await client.transaction(down);
    await client.transaction(up);
    await client.destroy();
    expect(await tables()).toEqual(before);
  });
});

import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createLogger, Metrics } from '#http';
import { type Database, openDatabase } from '#store';
import { relayDatabase } from '../../../../test/support/database-relay.ts';
import { requestAt } from '../../../../test/support/request-records.ts';
import { createTestDatabase } from '../../../../test/support/test-database.ts';
import { measureRequests } from './measure-requests.ts';
import { type RequestBuffer, requestBuffer } from './request-buffer.ts';

const db = await createTestDatabase();
const relay = await relayDatabase(db.url);
const silent = createLogger('api', 'silent');
let organizations = 0;

/** Records of an organization of their own, in their order. */
function records(count: number) {
  const organizationId = `org_${organizations++}`;
  const all = Array.from({ length: count }, () => requestAt(Date.now(), { organizationId }));
  const stored = async () => {
    const rows = await db.query<{ id: string }>('select id from requests where organization_id = $1', [
      organizationId,
    ]);
    return new Set(rows.map(({ id }) => id));
  };
  return { all, stored, ids: new Set(all.map(({ id }) => id)) };
}

const addAll = (buffer: RequestBuffer, { all }: ReturnType<typeof records>) => all.forEach(buffer.add);

/** The statements that go to the database. */
function watched(sent: string[]): Database {
  return {
    ...db,
    query(text, values) {
      sent.push(text);
      return db.query(text, values);
    },
  };
}

describe('records', () => {
  it('are all written by close, in batches of 500', async () => {
    const buffer = requestBuffer(db, silent);
    const some = records(1_234);
    addAll(buffer, some);
    await buffer.close();
    expect(await some.stored()).toEqual(some.ids);
    expect(buffer.counts()).toEqual({ held: 0, written: 1_234, batches: 3, dropped: 0 });
  });

  it('are sent when there are 500, without waiting for the time', async () => {
    const sent: string[] = [];
    const buffer = requestBuffer(watched(sent), silent);
    const some = records(500);
    for (const record of some.all.slice(1)) buffer.add(record);
    expect(sent).toHaveLength(0);
    addAll(buffer, { ...some, all: some.all.slice(0, 1) });
    expect(sent).toHaveLength(1);
    await buffer.close();
  });

  it('are sent 200 ms after they came, when there are few', async () => {
    const sent = Promise.withResolvers<number>();
    const buffer = requestBuffer(
      {
        ...db,
        async query(text, values) {
          sent.resolve(performance.now());
          return db.query(text, values);
        },
      },
      silent,
    );
    const added = performance.now();
    addAll(buffer, records(3));
    // Five times the time, for a machine that is busy.
    expect((await sent.promise) - added).toBeLessThan(1_000);
    await buffer.close();
  });

  it('are found until they are written', async () => {
    const buffer = requestBuffer(db, silent, { batchRows: 2 });
    const some = records(5);
    addAll(buffer, some);
    expect(some.all.map(({ id }) => buffer.find(id))).toEqual(some.all);
    expect(buffer.find('req_other')).toBeNull();
    await buffer.flush();
    expect(some.all.map(({ id }) => buffer.find(id))).toEqual(some.all.map(() => null));
    expect(await some.stored()).toEqual(some.ids);
    await buffer.close();
  });
});

describe('while PostgreSQL is slow', () => {
  it('one batch is on its way, memory is bounded, the oldest go and are counted, and the rest is written', async () => {
    const sent: string[] = [];
    const buffer = requestBuffer(watched(sent), silent, { batchRows: 10, maxBatches: 3 });
    const some = records(100);
    await db.transaction(async (tx) => {
      await tx.query('lock table requests in access exclusive mode');
      addAll(buffer, some);
      const { held, dropped, written } = buffer.counts();
      expect({ held, dropped, written }).toEqual({ held: 40, dropped: 60, written: 0 });
      expect(sent).toHaveLength(1);
    });
    await buffer.close();
    const expected = [...some.all.slice(0, 10), ...some.all.slice(70)].map(({ id }) => id);
    expect(await some.stored()).toEqual(new Set(expected));
    expect(buffer.counts()).toEqual({ held: 0, written: 40, batches: 4, dropped: 60 });
  });
});

describe('while PostgreSQL is away', () => {
  it('nothing is lost that there is room for, one line a minute says so, and it is written once when it is back', async () => {
    const lines: string[] = [];
    const through = openDatabase({ url: relay.url, poolSize: 2 });
    const buffer = requestBuffer(through, pino({ level: 'warn' }, { write: (line) => lines.push(line) }), {
      batchRows: 10,
    });
    const some = records(25);
    relay.cut();
    addAll(buffer, some);
    for (let n = 0; n < 60; n++) await buffer.flush();
    expect(buffer.counts()).toEqual({ held: 25, written: 0, batches: 0, dropped: 0 });
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['request records could not be written']);
    relay.mend();
    await buffer.close();
    expect(await some.stored()).toEqual(some.ids);
    expect(buffer.counts()).toEqual({ held: 0, written: 25, batches: 3, dropped: 0 });
    await through.close();
  });
});

describe('a record that PostgreSQL refuses', () => {
  it('is given up after 20 tries, counted, and holds up no other for ever', async () => {
    const buffer = requestBuffer(db, silent, { batchRows: 1 });
    const some = records(2);
    const [bad, good] = some.all;
    if (bad) buffer.add({ ...bad, path: 'not storable: \0' });
    if (good) buffer.add(good);
    for (let n = 0; n < 10; n++) await buffer.flush();
    expect(buffer.counts()).toMatchObject({ held: 2, dropped: 0 });
    await buffer.close();
    expect(buffer.counts()).toEqual({ held: 0, written: 1, batches: 1, dropped: 1 });
    expect(await some.stored()).toEqual(new Set([good?.id]));
  });
});

describe('metrics', () => {
  it('tell of records held, written and dropped', async () => {
    const buffer = requestBuffer(db, silent, { batchRows: 10, maxBatches: 1 });
    const metrics = new Metrics();
    measureRequests(metrics, buffer);
    const told = async () => (await metrics.metrics()).match(/^keystile_\S+ \d+$/gm);
    addAll(buffer, records(9));
    expect(await told()).toEqual([
      'keystile_request_records_held 9',
      'keystile_request_records_written_total 0',
      'keystile_request_records_dropped_total 0',
    ]);
    await buffer.close();
    expect(await told()).toEqual([
      'keystile_request_records_held 0',
      'keystile_request_records_written_total 9',
      'keystile_request_records_dropped_total 0',
    ]);
  });
});

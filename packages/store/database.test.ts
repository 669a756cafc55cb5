import { describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../../test/support/test-database.ts';
import { openDatabase } from './database.ts';
import { requireSchema } from './health.ts';
import { migrate } from './migrate.ts';

const db = await createTestDatabase();

describe('a transaction', () => {
  it('leaves nothing behind when its work throws', async () => {
    const work = db.transaction(async (tx) => {
      await tx.query(`insert into organizations (id, name, plan) values ('org_a', 'A', 'free')`);
      throw new Error('stop');
    });
    await expect(work).rejects.toThrow('stop');
    expect(await db.query('select id from organizations')).toEqual([]);
  });

  it('whose connection breaks is the problem unavailable, and the process lives on', async () => {
    const work = db.transaction(async (tx) => {
      const [session] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
      const asleep = tx.query('select pg_sleep(5)');
      await Promise.all([asleep, db.query('select pg_terminate_backend($1)', [session?.pid])]);
    });
    await expect(work).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await db.transaction((tx) => tx.query('select 1 as one'))).toEqual([{ one: 1 }]);
  });
});

describe('a time', () => {
  it('is ISO 8601 in UTC with all its digits', async () => {
    const rows = await db.query(`select '2024-01-15 16:30:00.123456+01'::timestamptz as time`);
    expect(rows).toEqual([{ time: '2024-01-15T15:30:00.123456Z' }]);
  });
});

describe('a plan that is kept', () => {
  it('is the one for a full table, also where it was empty when it was made', async () => {
    await db.query('vacuum analyze oidc_refresh_answers');
    const look = 'select answer from oidc_refresh_answers where id = $1';
    const read = `select coalesce(pg_stat_get_xact_tuples_returned('oidc_refresh_answers'::regclass), 0)::integer as rows`;
    const rows = await db.transaction(async (tx) => {
      // PostgreSQL keeps one plan for all values from the sixth time on.
      for (let time = 0; time < 10; time++) await tx.query(look, ['answer']);
      await tx.query(
        `insert into oidc_refresh_answers (id, answer, expires_at)
         select 'answer_' || n, '', now() from generate_series(1, 2000) n`,
      );
      const [before] = await tx.query<{ rows: number }>(read);
      await tx.query(look, ['answer_1']);
      const [after] = await tx.query<{ rows: number }>(read);
      return (after?.rows ?? 0) - (before?.rows ?? 0);
    });
    expect(rows).toBe(0);
  });
});

describe('the pipelined connection', () => {
  it('answers many look-ups at once, each with its own rows, and a failed one fails alone', async () => {
    const asked = Array.from({ length: 50 }, (_, n) => db.pipeline.query('select $1::int as n', [n]));
    const failed = db.pipeline.query('select 1 / $1::int', [0]).then(
      () => 'answered',
      () => 'failed',
    );
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 50 }, (_, n) => [{ n }]));
    expect(await failed).toBe('failed');
  });

  it('is made anew after the server has ended it', async () => {
    const [session] = await db.pipeline.query<{ pid: number }>('select pg_backend_pid() as pid');
    await db.query('select pg_terminate_backend($1)', [session?.pid]);
    expect(await db.pipeline.query('select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('a server that is away', () => {
  it('is the problem unavailable, on the pool, in a transaction and on the pipeline', async () => {
    const away = openDatabase({ url: 'postgres://nobody:x@127.0.0.1:1/none' });
    await expect(away.query('select 1')).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(away.transaction(async () => {})).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(away.pipeline.query('select 1')).rejects.toMatchObject({ kind: 'unavailable' });
    await away.close();
  });
});

describe('migrate', () => {
  it('does nothing to an up-to-date schema, whoever calls it at the same time', async () => {
    expect(await Promise.all([migrate(db.url), migrate(db.url), migrate(db.url)])).toEqual([[], [], []]);
  });

  it('makes what is missing of the job queues, and nothing starts before', async () => {
    await requireSchema(db);
    await db.query(`delete from pgboss.queue where name = 'mail'`);
    await expect(requireSchema(db)).rejects.toThrow(/^the database lacks mail: run /);
    await db.query('update pgboss.version set version = version - 1');
    await expect(requireSchema(db)).rejects.toThrow(
      /lacks mail, backchannel-logout, leak-reports, expiry-notices, clean-up: run /,
    );
    await db.query('update pgboss.version set version = version + 1');
    await migrate(db.url);
    await requireSchema(db);
  });
});

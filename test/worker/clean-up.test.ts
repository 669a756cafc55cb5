import { beforeAll, describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { createRequestPartitions, oidcTables } from '#store';
import { cleanUp } from '../../apps/worker/src/clean-up.ts';
import { createKey, createMember, createOrganization } from '../support/fixtures.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const stateTables = Object.values(oidcTables);

/** How long ago something ended, or minus how long from now it ends; what of it must be left. */
const states = [
  { id: 'ended', ago: '25 hours', used: false, stays: false },
  { id: 'used-and-ended', ago: '25 hours', used: true, stays: false },
  { id: 'just-ended', ago: '23 hours', used: false, stays: true },
  { id: 'used', ago: '-1 minute', used: true, stays: true },
  { id: 'alive', ago: '-30 days', used: false, stays: true },
  { id: 'endless', ago: null, used: false, stays: true },
];

const ids = async (table: string, column = 'id') =>
  (await db.query<{ id: string }>(`select ${column} as id from ${table} order by 1`)).map(({ id }) => id);
const staying = (rows: readonly { id: string; stays: boolean }[]) =>
  rows
    .filter(({ stays }) => stays)
    .map(({ id }) => id)
    .toSorted();

const revocations = [
  { id: 'ended', ago: '25 hours', stays: false },
  { id: 'just-ended', ago: '1 hour', stays: true },
  { id: 'alive', ago: '-1 minute', stays: true },
];
const refreshAnswers = [
  { id: 'ended', ago: '1 second', stays: false },
  { id: 'alive', ago: '-10 seconds', stays: true },
];
const proofs = [
  { id: 'ended', ago: '1 second', stays: false },
  { id: 'alive', ago: '-10 seconds', stays: true },
];
const described = [
  { id: 'https://a.example/unused', ago: '25 hours', stays: false },
  { id: 'https://a.example/asked', ago: '25 hours', stays: true },
  { id: 'https://a.example/new', ago: '23 hours', stays: true },
];
const secrets = [
  { id: 'long-ended', state: 'retiring', ago: '31 days', stays: false },
  { id: 'ended', state: 'retiring', ago: '29 days', stays: true },
  { id: 'in-grace', state: 'retiring', ago: '-1 hour', stays: true },
  { id: 'long-overtaken', state: 'ended', ago: '31 days', stays: false },
  { id: 'overtaken', state: 'ended', ago: '29 days', stays: true },
  { id: 'pending', state: 'pending', ago: null, stays: true },
];
const notices = [
  { id: 'past', ago: '25 hours', stays: false },
  { id: 'to-come', ago: '-1 minute', stays: true },
];

let deleted: Record<string, number> = {};
beforeAll(async () => {
  for (const table of stateTables) {
    for (const { id, ago, used } of states) {
      await db.query(
        `insert into ${table} (id, payload, consumed_at, expires_at) values ($1, '{}', $2, now() - $3::interval)`,
        [id, used ? '2026-01-01' : null, ago],
      );
    }
  }
  for (const { id, ago } of revocations) {
    await db.query('insert into revoked_access_tokens (jti, expires_at) values ($1, now() - $2::interval)', [
      id,
      ago,
    ]);
  }
  for (const { id, ago } of refreshAnswers) {
    await db.query(`insert into oidc_refresh_answers values ($1, '', now() - $2::interval)`, [id, ago]);
  }
  for (const { id, ago } of proofs) {
    await db.query('insert into used_proofs values ($1, now() - $2::interval)', [id, ago]);
  }
  for (const { id, ago } of described) {
    await db.query(
      `insert into clients (id, name, redirect_uris, scopes, updated_at) values ($1, 'App', '{}', '{}', now() - $2::interval)`,
      [id, ago],
    );
  }
  const { id: organizationId } = await createOrganization(db, product);
  for (const { id, state, ago } of secrets) {
    const key = await createKey(db, product, organizationId, []);
    await db.query(
      `insert into api_key_secrets (id, key_id, hash, hint, state, grace_seconds, expires_at)
       values ($1, $2, sha256($1::text::bytea), '', $3, $4, now() - $5::interval)`,
      [id, key.id, state, state === 'pending' ? 60 : null, ago],
    );
    if (state === 'retiring') {
      await db.query(`insert into retiring_secret_uses values ($1, '192.0.2.1', 1, now())`, [id]);
    }
  }
  const noticed = await createKey(db, product, organizationId, []);
  for (const { id, ago } of notices) {
    const days = id === 'past' ? 3 : 14;
    await db.query('insert into expiry_notices values ($1, now() - $2::interval, $3)', [
      noticed.id,
      ago,
      days,
    ]);
  }
  await db.query(
    `insert into idempotency_keys (caller, key, fingerprint, status, answer, created_at)
     select 'old', n::text, ''::bytea, 201, ''::bytea, now() - interval '24 hours 1 second' from generate_series(1, 2500) n
     union all select 'new', n::text, ''::bytea, 201, ''::bytea, now() - interval '23 hours 59 minutes' from generate_series(1, 3) n`,
  );
  await db.query(
    `insert into events (id, organization_id, mode, type, data, created_at)
    values ('evt_old', $1, 'live', 'api_key.leaked', '{}', '2020-01-01')`,
    [organizationId],
  );
  await db.query(
    `insert into request_counts
     select 'old', now() - interval '13 months 1 hour', 'GET', n::text, 1, 0 from generate_series(1, 1500) n
     union all select 'kept', now() - interval '12 months 27 days', 'GET', '', 1, 0`,
  );
  await db.query(
    `insert into request_addresses
     select 'old', now() - interval '31 days 1 hour', '192.0.2.1', 1, now()
     union all select 'kept', now() - interval '30 days 23 hours', '192.0.2.1', 1, now()`,
  );
  await db.query(
    `insert into app_request_counts
     select 'old', 'c', 'o', now() - interval '13 months 1 hour', '', 1, now()
     union all select 'kept', 'c', 'o', now() - interval '12 months 27 days', '', 1, now()`,
  );
  const { id: userId } = await createMember(db, organizationId, 'member');
  await db.query(
    `insert into app_requests (id, organization_id, client_id, user_id, message, state, created_at, decided_at)
     select r.id, $1, 'https://a.example/asked', $2, '', r.state, '2020-01-01', now() - r.ago::interval
     from (values ('old', 'denied', '90 days 1 hour'), ('kept', 'allowed', '89 days'), ('waits', 'pending', null))
       as r (id, state, ago)`,
    [organizationId, userId],
  );
  await createRequestPartitions(db, Date.now() - 91 * 86_400_000);
  deleted = await cleanUp(db, { requestLogDays: 90 });
});

describe('clean-up deletes what has run out, and nothing that still protects', () => {
  it.each(stateTables)(
    'in %s: what ended a day ago, used or not; a used code or token stays until its end',
    async (table) => {
      expect(await ids(table)).toEqual(staying(states));
      expect(deleted[table]).toBe(2);
    },
  );

  it('among revoked access tokens: those that have ended by themselves', async () => {
    expect(await ids('revoked_access_tokens', 'jti')).toEqual(staying(revocations));
  });

  it('among answers to refreshes: those that can no longer be had again', async () => {
    expect(await ids('oidc_refresh_answers')).toEqual(staying(refreshAnswers));
  });

  it('among proofs of possession: those that could not be shown again', async () => {
    expect(await ids('used_proofs')).toEqual(staying(proofs));
  });

  it('among clients: those that describe themselves and have no grant and nobody asks for, a day after they last did', async () => {
    expect(await ids('clients')).toEqual(staying(described));
  });

  it('among secrets of keys: former ones, 30 days after their grace, with who used them', async () => {
    const all = await db.query<{ id: string }>(
      `select id from api_key_secrets where state <> 'active' order by id`,
    );
    expect(all.map(({ id }) => id)).toEqual(staying(secrets));
    expect(await ids('retiring_secret_uses', 'secret_id')).toEqual(['ended', 'in-grace']);
    expect(await ids('api_key_secrets')).toHaveLength(staying(secrets).length + secrets.length + 1);
  });

  it('among notices: those of expiries that are past', async () => {
    expect(await ids('expiry_notices', 'days')).toEqual([14]);
  });

  it('among answers to idempotent requests: those older than 24 hours, in as many batches as it takes', async () => {
    expect(await ids('idempotency_keys', 'caller')).toEqual(['new', 'new', 'new']);
    expect(deleted.idempotency_keys).toBe(2_500);
  });

  it('among request records: the days beyond those that are kept', async () => {
    const left = await db.query(`select from pg_inherits where inhparent = 'requests'::regclass`);
    expect([deleted.request_days, left.length]).toEqual([1, 2]);
  });

  it('among counts of requests: those of 13 months ago, and by address those of 31 days ago', async () => {
    expect([await ids('request_counts', 'key_id'), deleted.request_counts]).toEqual([['kept'], 1_500]);
    expect([await ids('request_addresses', 'key_id'), deleted.request_addresses]).toEqual([['kept'], 1]);
  });

  it('among counts of apps: those of 13 months ago; among requests for apps: those decided 90 days ago', async () => {
    expect([await ids('app_request_counts', 'user_id'), deleted.app_request_counts]).toEqual([['kept'], 1]);
    expect([await ids('app_requests'), deleted.app_requests]).toEqual([['kept', 'waits'], 1]);
  });

  it('and no events, which webhooks are to carry', async () => {
    expect(await ids('events')).toEqual(['evt_old']);
  });

  it('twice in a row changes nothing more', async () => {
    expect(Object.values(await cleanUp(db, { requestLogDays: 90 })).every((count) => count === 0)).toBe(true);
  });
});

it('a clean-up that is told to stop begins no other batch', async () => {
  expect(await cleanUp(db, { requestLogDays: 90, signal: AbortSignal.abort() })).toEqual({});
});

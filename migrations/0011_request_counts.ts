import type { Knex } from 'knex';

/** What the requests of keys add up to, filled with the records themselves and kept longer. All times in UTC. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table request_counts (
      key_id text not null,
      hour timestamptz not null,
      method text not null,
      -- The path's template; empty where no route has the path.
      route text not null,
      requests integer not null,
      -- Of these, those that were answered with 400 or more.
      errors integer not null,
      primary key (key_id, hour, method, route)
      -- Room beside each row for its next version, which then costs no index entry: rows are updated many times.
    ) with (fillfactor = 50);
    create index request_counts_hour on request_counts (hour);

    create table request_addresses (
      key_id text not null,
      day timestamptz not null,
      ip_address text not null,
      requests integer not null,
      last_used_at timestamptz not null,
      primary key (key_id, day, ip_address)
    ) with (fillfactor = 50);
    create index request_addresses_day on request_addresses (day);

    insert into request_counts
      select r.key_id, date_trunc('hour', r.started_at, 'UTC'), r.method, coalesce(r.route, ''), count(*),
        count(*) filter (where r.status >= 400)
      from requests r where r.key_id is not null group by 1, 2, 3, 4;
    insert into request_addresses
      select r.key_id, date_trunc('day', r.started_at, 'UTC'), r.ip_address, count(*), max(r.started_at)
      from requests r where r.key_id is not null group by 1, 2, 3;

    -- In the order of an organization's list: one index finds a request, lists them, and keeps them unique.
    alter table requests drop constraint requests_pkey, add primary key (organization_id, started_at, id);
    drop index requests_organization;
    -- A test credential lists these alone, few among many.
    create index requests_test on requests (organization_id, started_at) where mode = 'test';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop index requests_test;
    create index requests_organization on requests (organization_id, started_at);
    alter table requests drop constraint requests_pkey, add primary key (started_at, id);
    drop table request_counts, request_addresses;
  `);
}

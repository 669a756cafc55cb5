import type { Knex } from 'knex';

/** One row a request of the API. A partition is a day of UTC, so that old ones are dropped and not deleted. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table requests (
      id text not null,
      -- The time within the id.
      started_at timestamptz not null,
      organization_id text not null,
      mode text not null check (mode in ('live', 'test')),
      -- By a key, or by a user in a client.
      key_id text,
      user_id text,
      client_id text,
      method text not null,
      -- The path's template; null where no route has the path.
      route text,
      path text not null,
      status integer not null,
      denial_rule text,
      denial_detail text,
      denial_mend text,
      ip_address text not null,
      user_agent text,
      duration_ms real not null,
      primary key (started_at, id),
      check ((key_id is null) = (user_id is not null and client_id is not null))
    ) partition by range (started_at);
    create index requests_organization on requests (organization_id, started_at);
    create index requests_key on requests (key_id, started_at) where key_id is not null;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table requests');
}

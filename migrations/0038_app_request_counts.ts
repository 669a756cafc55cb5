import type { Knex } from 'knex';

/** What the requests of users in apps add up to, by day of UTC and by the scope that they used. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The scope that the route asks for; null where it asks for none.
    alter table requests add column scope text;

    create table app_request_counts (
      user_id text not null,
      client_id text not null,
      organization_id text not null,
      day timestamptz not null,
      -- Empty for requests that used none, or were refused.
      scope text not null,
      requests integer not null,
      last_used_at timestamptz not null,
      primary key (user_id, client_id, organization_id, day, scope)
    ) with (fillfactor = 50);
    create index app_request_counts_day on app_request_counts (day);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table app_request_counts;
    alter table requests drop column scope;
  `);
}

import type { Knex } from 'knex';

/** Which apps an organization lets its members connect, and what they ask its administrators for. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- For apps that are neither its own nor decided about.
    alter table organizations add column app_policy text not null default 'allowed'
      check (app_policy in ('allowed', 'approval', 'denied'));

    create table app_decisions (
      id text primary key,
      organization_id text not null references organizations on delete cascade,
      -- May name an app that nobody has used yet.
      client_id text not null,
      decision text not null check (decision in ('allowed', 'denied')),
      decided_by text references users on delete set null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (organization_id, client_id)
    );
    create index app_decisions_decided_by on app_decisions (decided_by) where decided_by is not null;

    create table app_requests (
      id text primary key,
      organization_id text not null references organizations on delete cascade,
      client_id text not null references clients on delete cascade,
      user_id text not null references users on delete cascade,
      message text not null,
      state text not null default 'pending' check (state in ('pending', 'allowed', 'denied')),
      created_at timestamptz not null default now(),
      decided_at timestamptz,
      check ((state = 'pending') = (decided_at is null))
    );
    create unique index app_requests_pending on app_requests (organization_id, client_id, user_id)
      where state = 'pending';
    create index app_requests_organization on app_requests (organization_id, id);
    create index app_requests_user on app_requests (user_id, client_id, organization_id, id);
    create index app_requests_client on app_requests (client_id);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table app_requests, app_decisions;
    alter table organizations drop column app_policy;
  `);
}

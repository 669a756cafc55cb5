import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- What happened, for webhooks to carry. Written in the transaction of the change.
    create table events (
      id text primary key,
      organization_id text not null references organizations on delete cascade,
      mode text not null check (mode in ('live', 'test')),
      type text not null,
      data jsonb not null,
      created_at timestamptz not null default now()
    );
    create index events_organization on events (organization_id, id);

    -- Which notices of a key's expiry went out. Another expiry begins anew.
    create table expiry_notices (
      key_id text not null references api_keys on delete cascade,
      expires_at timestamptz not null,
      -- The window: 14, 3 or 1 days before.
      days integer not null,
      created_at timestamptz not null default now(),
      primary key (key_id, expires_at, days)
    );
    create index expiry_notices_expiry on expiry_notices (expires_at);

    create index api_keys_expiry on api_keys (expires_at, id) where revoked_at is null and expires_at is not null;
    create index api_key_secrets_expiry on api_key_secrets (expires_at) where state = 'retiring';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop index api_key_secrets_expiry, api_keys_expiry;
    drop table expiry_notices, events;
  `);
}

import type { Knex } from 'knex';

/** One table for each kind of state that oidc-provider keeps, all of one shape. */
const stateTables = [
  'oidc_authorization_codes',
  'oidc_refresh_tokens',
  'oidc_access_tokens',
  'oidc_grants',
  'oidc_sessions',
  'oidc_interactions',
  'oidc_pushed_authorization_requests',
];

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table clients (
      id text primary key,
      organization_id text not null references organizations on delete cascade,
      name text not null,
      type text not null check (type in ('confidential', 'public')),
      secret_hash bytea,
      redirect_uris text[] not null,
      scopes text[] not null,
      created_at timestamptz not null default now(),
      check ((type = 'confidential') = (secret_hash is not null))
    );
    create index clients_organization on clients (organization_id, id);

    -- What a user lets a client do in an organization. It outlives each grant made from it.
    create table consents (
      id text primary key,
      user_id text not null references users on delete cascade,
      client_id text not null references clients on delete cascade,
      organization_id text not null references organizations on delete cascade,
      scopes text[] not null,
      declined_scopes text[] not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (user_id, client_id, organization_id)
    );
    create index consents_client on consents (client_id);
    create index consents_organization on consents (organization_id);

    create table signing_keys (
      id text primary key,
      public_jwk jsonb not null,
      sealed_private_jwk bytea not null,
      created_at timestamptz not null default now()
    );

    create table revoked_access_tokens (
      jti text primary key,
      expires_at timestamptz not null
    );
    create index revoked_access_tokens_expiry on revoked_access_tokens (expires_at);
  `);
  for (const table of stateTables) {
    await knex.raw(`
      create table ${table} (
        id text primary key,
        payload jsonb not null,
        uid text,
        grant_id text,
        consumed_at timestamptz,
        expires_at timestamptz,
        created_at timestamptz not null default now()
      );
      create index ${table}_grant on ${table} (grant_id) where grant_id is not null;
      create index ${table}_uid on ${table} (uid) where uid is not null;
      create index ${table}_expiry on ${table} (expires_at);
    `);
  }
  await knex.raw(`
    alter table oidc_grants add column consent_id text references consents on delete cascade;
    create index oidc_grants_consent on oidc_grants (consent_id);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`drop table ${[...stateTables].join(', ')}`);
  await knex.raw('drop table revoked_access_tokens, signing_keys, consents, clients');
}

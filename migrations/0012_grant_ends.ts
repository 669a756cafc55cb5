import type { Knex } from 'knex';

/** Tables whose rows were looked up by their grant, to delete them when it ended. */
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
    -- A grant that ended stays for as long as its tokens could be shown, to tell why they are refused.
    alter table oidc_grants
      add column ended_at timestamptz,
      add column ended_reason text,
      add check ((ended_at is null) = (ended_reason is null)),
      drop constraint oidc_grants_consent_id_fkey,
      add foreign key (consent_id) references consents on delete set null;

    -- Sign-ins from this second on count; those before ended with a change of the password.
    alter table users add column sessions_from timestamptz not null default '2000-01-01Z';

    -- The answer to a refresh, for half a minute: the client whose connection broke asks again.
    create table oidc_refresh_answers (
      -- The refresh token's row.
      id text primary key,
      -- Encrypted under the refresh token, which is nowhere in this database.
      answer bytea not null,
      expires_at timestamptz not null
    );
    create index oidc_refresh_answers_expiry on oidc_refresh_answers (expires_at);

    drop index ${stateTables.map((table) => `${table}_grant`).join(', ')};
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table oidc_refresh_answers;
    alter table users drop column sessions_from;
    alter table oidc_grants
      drop column ended_at, drop column ended_reason,
      drop constraint oidc_grants_consent_id_fkey,
      add foreign key (consent_id) references consents on delete cascade;
  `);
  for (const table of stateTables) {
    await knex.raw(`create index ${table}_grant on ${table} (grant_id) where grant_id is not null`);
  }
}

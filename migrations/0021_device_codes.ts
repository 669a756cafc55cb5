import type { Knex } from 'knex';

/** The state of the device flow (RFC 8628), of the shape of all others; `uid` is the hash of its user code. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table oidc_device_codes (
      id text primary key,
      payload jsonb not null,
      uid text,
      grant_id text,
      consumed_at timestamptz,
      expires_at timestamptz,
      created_at timestamptz not null default now()
    );
    create index oidc_device_codes_uid on oidc_device_codes (uid) where uid is not null;
    create index oidc_device_codes_expiry on oidc_device_codes (expires_at);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table oidc_device_codes');
}

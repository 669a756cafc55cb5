import type { Knex } from 'knex';

/** What people sign in with beside a password. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table totp_factors (
      user_id text primary key references users on delete cascade,
      -- Encrypted: it must be read back.
      secret bytea not null,
      -- The time step of the last code that was used: no code of it or an earlier one is taken again.
      last_step bigint not null,
      last_used_at timestamptz,
      created_at timestamptz not null default now()
    );

    create table passkeys (
      id text primary key,
      user_id text not null references users on delete cascade,
      -- The authenticator's name for it, in base64url.
      credential_id text not null unique,
      public_key bytea not null,
      counter bigint not null,
      transports text[] not null,
      -- Whether it can be on several devices of its owner.
      synced boolean not null,
      name text not null,
      last_used_at timestamptz,
      created_at timestamptz not null default now()
    );
    create index passkeys_user on passkeys (user_id);

    create table recovery_codes (
      user_id text not null references users on delete cascade,
      hash bytea not null,
      used_at timestamptz,
      primary key (user_id, hash)
    );
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table recovery_codes; drop table passkeys; drop table totp_factors');
}

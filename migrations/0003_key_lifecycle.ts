import type { Knex } from 'knex';

/** A key becomes what its organization manages, and its secrets become rows of their own: two while one retires. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table api_keys
      add column paused_at timestamptz,
      add column rotated_at timestamptz,
      add column metadata jsonb not null default '{}',
      add column last_used_at timestamptz,
      add column last_used_ip text,
      add column last_used_user_agent text;

    create table api_key_secrets (
      id text primary key,
      key_id text not null references api_keys on delete cascade,
      hash bytea not null,
      hint text not null,
      -- pending: waits for its first use; active: the key's secret; retiring: the former one, until expires_at.
      state text not null check (state in ('pending', 'active', 'retiring')),
      -- Of a pending secret: how long the former one lives on after the first use.
      grace_seconds integer,
      expires_at timestamptz,
      created_at timestamptz not null default now(),
      check ((state = 'retiring') = (expires_at is not null)),
      check ((state = 'pending') = (grace_seconds is not null))
    );
    create unique index api_key_secrets_hash on api_key_secrets (hash);
    create unique index api_key_secrets_one_of_each on api_key_secrets (key_id, state);

    insert into api_key_secrets (id, key_id, hash, hint, state, created_at)
      select 'sec' || substr(k.id, 4), k.id, k.hash, k.hint, 'active', k.created_at from api_keys k;
    alter table api_keys drop column hash, drop column hint;

    -- Who still uses a retiring secret: one row an address, counted in batches.
    create table retiring_secret_uses (
      secret_id text not null references api_key_secrets on delete cascade,
      ip_address text not null,
      requests bigint not null,
      last_used_at timestamptz not null,
      primary key (secret_id, ip_address)
    );
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table api_keys add column hash bytea, add column hint text;
    update api_keys k set hash = s.hash, hint = s.hint from api_key_secrets s
      where s.key_id = k.id and s.state = 'active';
    alter table api_keys alter column hash set not null, alter column hint set not null;
    create unique index api_keys_hash on api_keys (hash);
    drop table retiring_secret_uses, api_key_secrets;
    alter table api_keys drop column paused_at, drop column rotated_at, drop column metadata,
      drop column last_used_at, drop column last_used_ip, drop column last_used_user_agent;
  `);
}

import type { Knex } from 'knex';

/** Tokens that people get by mail, and use once. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table account_tokens (
      id text primary key,
      purpose text not null,
      user_id text references users on delete cascade,
      email text not null,
      hash bytea not null unique,
      data jsonb not null default '{}',
      expires_at timestamptz not null,
      used_at timestamptz,
      created_at timestamptz not null default now()
    );
    create index account_tokens_user on account_tokens (user_id, purpose) where user_id is not null;
    create index account_tokens_expires_at on account_tokens (expires_at);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table account_tokens');
}

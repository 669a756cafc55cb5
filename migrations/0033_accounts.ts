import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The language that a person reads: of pages, by choice or at the last sign-in, and so of mails.
    alter table users add column language text;

    -- With what, from where and when a session of a browser was last used.
    create table session_uses (
      uid text primary key,
      user_agent text not null,
      ip_address text not null,
      last_used_at timestamptz not null
    );
    create index session_uses_last_used_at on session_uses (last_used_at);
    create index oidc_sessions_account on oidc_sessions ((payload ->> 'accountId'));
    create index account_tokens_email on account_tokens (lower(email), purpose);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop index account_tokens_email;
    drop index oidc_sessions_account;
    drop table session_uses;
    alter table users drop column language;
  `);
}

import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table clients
      -- Where a browser may go on after its sign-out (OpenID Connect RP-Initiated Logout 1.0 §3).
      add column post_logout_redirect_uris text[] not null default '{}',
      -- Who is told that a session has ended (OpenID Connect Back-Channel Logout 1.0 §2.2).
      add column backchannel_logout_uri text
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(
    'alter table clients drop column post_logout_redirect_uris, drop column backchannel_logout_uri',
  );
}

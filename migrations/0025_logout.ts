import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  // Where a browser may go on after its sign-out (OpenID Connect RP-Initiated Logout 1.0 §3).
  await knex.raw(`alter table clients add column post_logout_redirect_uris text[] not null default '{}'`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table clients drop column post_logout_redirect_uris');
}

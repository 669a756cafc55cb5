import type { Knex } from 'knex';

/** How a client has to ask for a code. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table clients
      -- By which response modes it may be answered; null: by any.
      add column response_modes text[],
      -- Whether it has to push its requests (RFC 9126 §6).
      add column require_pushed_authorization_requests boolean not null default false
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(
    'alter table clients drop column response_modes, drop column require_pushed_authorization_requests',
  );
}

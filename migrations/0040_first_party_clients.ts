import type { Knex } from 'knex';

/** The product's own programs are a client, too: of no organization, and kept when nobody uses it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table clients add column first_party boolean not null default false');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table clients drop column first_party');
}

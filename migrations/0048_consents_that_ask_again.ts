import type { Knex } from 'knex';

/** Consents that are used only after their user was asked again: a later one to the same app, in another organization, ended. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table consents add column asks_again boolean not null default false');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table consents drop column asks_again');
}

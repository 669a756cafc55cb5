import type { Knex } from 'knex';

/** The operator can keep a person out without deleting anything. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table users add column disabled_at timestamptz');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table users drop column disabled_at');
}

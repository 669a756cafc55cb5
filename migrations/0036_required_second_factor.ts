import type { Knex } from 'knex';

/** An organization can want a second factor of its members. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table organizations add column require_second_factor boolean not null default false');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table organizations drop column require_second_factor');
}

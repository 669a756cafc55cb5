import type { Knex } from 'knex';

/** When recovery codes were made: whoever takes an account back keeps none that somebody else made since. */
export async function up(knex: Knex): Promise<void> {
  // Those that are there count as made now: how old they are is not known.
  await knex.raw('alter table recovery_codes add column created_at timestamptz not null default now()');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table recovery_codes drop column created_at');
}

import type { Knex } from 'knex';

/** Keys take turns: each is published before it signs, and verifies for a while after its successor began. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`alter table signing_keys add column signs_from timestamptz not null default now()`);
  await knex.raw('update signing_keys set signs_from = created_at');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table signing_keys drop column signs_from');
}

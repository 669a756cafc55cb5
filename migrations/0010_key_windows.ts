import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table api_keys
      -- Limits of the key's own, beside those of the plan; none when empty.
      add column windows jsonb not null default '[]'
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table api_keys drop column windows');
}

import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table organizations
      -- What becomes of a key that somebody found in public.
      add column leaked_keys text not null default 'pause' check (leaked_keys in ('pause', 'revoke'))
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table organizations drop column leaked_keys');
}

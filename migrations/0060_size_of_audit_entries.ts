import type { Knex } from 'knex';

/** The bytes of an entry's two documents: a batch is bounded by their sum, without reading them. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table audit_entries add column bytes integer not null
      generated always as (octet_length(before::text) + octet_length(after::text)) stored
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table audit_entries drop column bytes');
}

import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create index resources_by_creation on resources (organization_id, mode, collection, parent_id, created_at, id);
    drop index resources_collection
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    create index resources_collection on resources (organization_id, mode, collection, parent_id, id);
    drop index resources_by_creation
  `);
}

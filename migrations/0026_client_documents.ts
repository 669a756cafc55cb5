import type { Knex } from 'knex';

/** Clients that describe themselves at the URL that is their id belong to no organization. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table clients
      alter column organization_id drop not null,
      add constraint clients_described check ((organization_id is null) = (id like 'https://%'));
    create index clients_of_nobody on clients (updated_at) where organization_id is null;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    delete from clients where organization_id is null;
    drop index clients_of_nobody;
    alter table clients drop constraint clients_described, alter column organization_id set not null;
  `);
}

import type { Knex } from 'knex';

/** The product's own programs are a client, too: of no organization, and kept when nobody uses it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table clients
      add column first_party boolean not null default false,
      drop constraint clients_described,
      add constraint clients_of_nobody check ((organization_id is null) = (id like 'https://%' or first_party));
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    delete from clients where first_party;
    alter table clients
      drop constraint clients_of_nobody,
      drop column first_party,
      add constraint clients_described check ((organization_id is null) = (id like 'https://%'));
  `);
}

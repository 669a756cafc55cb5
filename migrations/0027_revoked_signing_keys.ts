import type { Knex } from 'knex';

/** A signing key that leaked is dropped at once, and stays in the list to be seen. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table signing_keys add column revoked_at timestamptz');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    delete from signing_keys where revoked_at is not null;
    alter table signing_keys drop column revoked_at;
  `);
}

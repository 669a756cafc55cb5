import type { Knex } from 'knex';

/** When somebody first signed in: of later sign-ins on other devices the person hears. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table users add column first_sign_in_at timestamptz;
    update users set first_sign_in_at = created_at where password_hash is not null;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table users drop column first_sign_in_at');
}

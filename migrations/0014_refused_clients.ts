import type { Knex } from 'knex';

/** A request of a client for itself, as at the token endpoint, has neither key nor user. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table requests
      drop constraint requests_check,
      add constraint requests_credential check ((key_id is null) = (client_id is not null)
        and (user_id is null or client_id is not null))
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    delete from requests where key_id is null and user_id is null;
    alter table requests
      drop constraint requests_credential,
      add constraint requests_check check ((key_id is null) = (user_id is not null and client_id is not null))
  `);
}

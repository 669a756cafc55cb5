import type { Knex } from 'knex';

/** Access tokens that are bound to a key of the client's (RFC 9449). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table clients add column dpop_bound_access_tokens boolean not null default false;

    -- What all processes of the API make their nonces of, in one row. Whoever knows it can foresee nonces, and no more.
    create table nonce_secrets (
      only_row boolean primary key default true check (only_row),
      secret bytea not null
    );
    insert into nonce_secrets (secret)
      values (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table nonce_secrets; alter table clients drop column dpop_bound_access_tokens');
}

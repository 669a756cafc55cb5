import type { Knex } from 'knex';

/** Clients that prove themselves with a key of theirs, and the proofs that were used. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table clients add column jwks jsonb;

    -- Assertions of clients and proofs of possession, each good once. A row is needed until its proof expires.
    create table used_proofs (
      id text primary key,
      expires_at timestamptz not null
    );
    create index used_proofs_expiry on used_proofs (expires_at);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table used_proofs; alter table clients drop column jwks');
}

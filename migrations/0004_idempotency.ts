import type { Knex } from 'knex';

/** The answers to POST requests that carried an idempotency key, for a day: a retry gets the same one. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table idempotency_keys (
      -- Organization, mode and credential: another caller's key of the same text is another key.
      caller text not null,
      key text not null,
      -- SHA-256 of method, path and body.
      fingerprint bytea not null,
      status integer not null,
      -- The id in the answer's body, for a caller who can't open the answer any more.
      resource_id text,
      -- Encrypted under the credential that made the request, which is nowhere in this database.
      answer bytea not null,
      created_at timestamptz not null default now(),
      primary key (caller, key)
    );
    create index idempotency_keys_created_at on idempotency_keys (created_at);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table idempotency_keys');
}

import type { Knex } from 'knex';

/** A key knows the client that it was made through, and a change that a user made through one does, too. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- No references: a key whose client or consent is gone is refused, and must still know that it had one.
    alter table api_keys
      add column client_id text,
      -- The user's consent to that client; null when the client came in its own name.
      add column consent_id text;
    create index api_keys_client on api_keys (client_id) where client_id is not null;

    alter table audit_entries add column client_id text;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table audit_entries drop column client_id;
    alter table api_keys drop column consent_id, drop column client_id;
  `);
}

import type { Knex } from 'knex';

/** Secrets that a later rotation has overtaken are kept for a while, too: whose they were can be told. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table api_key_secrets
      drop constraint api_key_secrets_state_check,
      drop constraint api_key_secrets_check,
      -- ended: overtaken by a later rotation, at expires_at.
      add constraint api_key_secrets_state_check check (state in ('pending', 'active', 'retiring', 'ended')),
      add constraint api_key_secrets_check check ((state in ('retiring', 'ended')) = (expires_at is not null));
    drop index api_key_secrets_one_of_each, api_key_secrets_expiry;
    create unique index api_key_secrets_one_of_each on api_key_secrets (key_id, state) where state <> 'ended';
    create index api_key_secrets_expiry on api_key_secrets (expires_at) where expires_at is not null;
    create index api_key_secrets_key on api_key_secrets (key_id);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    delete from api_key_secrets where state = 'ended';
    drop index api_key_secrets_key, api_key_secrets_one_of_each, api_key_secrets_expiry;
    create unique index api_key_secrets_one_of_each on api_key_secrets (key_id, state);
    create index api_key_secrets_expiry on api_key_secrets (expires_at) where state = 'retiring';
    alter table api_key_secrets
      drop constraint api_key_secrets_state_check,
      drop constraint api_key_secrets_check,
      add constraint api_key_secrets_state_check check (state in ('pending', 'active', 'retiring')),
      add constraint api_key_secrets_check check ((state = 'retiring') = (expires_at is not null));
  `);
}

import type { Knex } from 'knex';

/** Clients that register themselves (RFC 7591), with a token that their organization gave out. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table registration_tokens (
      id text primary key,
      organization_id text not null references organizations on delete cascade,
      hash bytea not null unique,
      hint text not null,
      -- The most that a client made with it may ask for.
      scopes text[] not null,
      remaining_uses integer not null check (remaining_uses >= 0),
      expires_at timestamptz not null,
      created_by text references users on delete set null,
      created_at timestamptz not null default now()
    );
    create index registration_tokens_organization on registration_tokens (organization_id, id);
    create index registration_tokens_created_by on registration_tokens (created_by) where created_by is not null;

    alter table clients
      -- SHA-256 of the token by which a client that registered itself manages itself, and the most it may ask for.
      add column registration_hash bytea,
      add column registration_scopes text[],
      add check ((registration_hash is null) = (registration_scopes is null));
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table clients drop column registration_hash, drop column registration_scopes;
    drop table registration_tokens;
  `);
}

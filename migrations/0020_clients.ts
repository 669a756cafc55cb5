import type { Knex } from 'knex';

/** A client becomes what its organization manages, and its secrets become rows of their own: two during a rotation. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table clients
      add column application_type text not null default 'web' check (application_type in ('web', 'native')),
      add column auth_method text not null default 'client_secret_basic',
      add column grant_types text[] not null default '{authorization_code,refresh_token}',
      add column logo_uri text,
      add column client_uri text,
      add column policy_uri text,
      add column tos_uri text,
      add column created_by text references users on delete set null,
      add column updated_at timestamptz not null default now();
    update clients set auth_method = 'none' where type = 'public';
    create index clients_created_by on clients (created_by) where created_by is not null;

    create table client_secrets (
      id text primary key,
      client_id text not null references clients on delete cascade,
      hash bytea not null,
      hint text not null,
      last_used_at timestamptz,
      created_at timestamptz not null default now()
    );
    create index client_secrets_client on client_secrets (client_id, id);

    insert into client_secrets (id, client_id, hash, hint, created_at)
      select 'sec' || substr(c.id, 7), c.id, c.secret_hash, '', c.created_at from clients c
      where c.secret_hash is not null;
    alter table clients drop column type, drop column secret_hash;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table clients add column type text, add column secret_hash bytea;
    update clients c set
      type = case c.auth_method when 'none' then 'public' else 'confidential' end,
      secret_hash = (select s.hash from client_secrets s where s.client_id = c.id order by s.id desc limit 1);
    delete from clients where type = 'confidential' and secret_hash is null;
    alter table clients alter column type set not null, add check (type in ('confidential', 'public')),
      add check ((type = 'confidential') = (secret_hash is not null));
    drop table client_secrets;
    alter table clients drop column application_type, drop column auth_method, drop column grant_types,
      drop column logo_uri, drop column client_uri, drop column policy_uri, drop column tos_uri,
      drop column created_by, drop column updated_at;
  `);
}

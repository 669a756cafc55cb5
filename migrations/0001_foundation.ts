import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table organizations (
      id text primary key,
      name text not null,
      plan text not null,
      windows jsonb,
      created_at timestamptz not null default now()
    );

    create table users (
      id text primary key,
      email text not null,
      name text not null,
      password_hash text,
      created_at timestamptz not null default now()
    );
    create unique index users_email on users (lower(email));

    -- The name stands here and not with the user: an organization can rename its own member, not a person.
    create table memberships (
      organization_id text not null references organizations on delete cascade,
      user_id text not null references users on delete cascade,
      role text not null,
      name text not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (organization_id, user_id)
    );
    create index memberships_user on memberships (user_id);

    create table api_keys (
      id text primary key,
      organization_id text not null references organizations on delete cascade,
      mode text not null check (mode in ('live', 'test')),
      name text not null,
      hash bytea not null,
      hint text not null,
      scopes text[] not null,
      allowed_ips text[] not null default '{}',
      created_by text references users on delete set null,
      expires_at timestamptz,
      revoked_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    );
    create unique index api_keys_hash on api_keys (hash);
    create index api_keys_organization on api_keys (organization_id, id);
    create index api_keys_created_by on api_keys (created_by);

    create table resources (
      id text primary key,
      organization_id text not null references organizations on delete cascade,
      mode text not null check (mode in ('live', 'test')),
      collection text not null,
      parent_id text references resources on delete cascade,
      body jsonb not null,
      version integer not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    );
    create index resources_collection on resources (organization_id, mode, collection, parent_id, id);
    create index resources_parent on resources (parent_id);

    create table audit_entries (
      id text primary key,
      organization_id text not null,
      mode text not null check (mode in ('live', 'test')),
      actor_type text not null,
      actor_id text,
      action text not null,
      target_type text not null,
      target_id text not null,
      before jsonb,
      after jsonb,
      request_id text,
      ip_address text,
      created_at timestamptz not null default now()
    );
    create index audit_entries_organization on audit_entries (organization_id, id);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table audit_entries, resources, api_keys, memberships, users, organizations');
}

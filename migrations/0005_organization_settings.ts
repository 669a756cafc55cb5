import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table organizations
      add column allowed_ips text[] not null default '{}',
      -- What becomes of the keys of a member who was removed.
      add column removed_member_keys text not null default 'keep' check (removed_member_keys in ('keep', 'stop')),
      add column updated_at timestamptz not null default now()
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(
    'alter table organizations drop column allowed_ips, drop column removed_member_keys, drop column updated_at',
  );
}

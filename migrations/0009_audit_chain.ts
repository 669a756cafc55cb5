import type { Knex } from 'knex';

/** Entries become a chain for each organization, as docs/audit.md has it. No version was released before this one. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The number and the hash of an organization's last entry.
    create table audit_chains (
      organization_id text primary key,
      seq bigint not null,
      hash bytea not null
    );

    alter table audit_entries
      -- The hash covers the text, which json keeps and jsonb does not.
      alter column before type json using coalesce(before, 'null')::json,
      alter column after type json using coalesce(after, 'null')::json,
      alter column before set not null,
      alter column after set not null,
      add column seq bigint,
      add column previous_hash bytea,
      add column hash bytea;

    -- How json shows a time: with the digits that it has.
    set local timezone = 'UTC';
    do $$
    declare
      entry audit_entries;
      chain audit_chains;
      line text;
    begin
      for entry in select * from audit_entries order by organization_id, created_at, id loop
        if entry.organization_id is distinct from chain.organization_id then
          chain := row(entry.organization_id, 0, decode(repeat('00', 32), 'hex'));
        end if;
        line := concat(
          '{"organization_id":', to_json(entry.organization_id),
          ',"seq":', chain.seq + 1,
          ',"previous_hash":"', encode(chain.hash, 'hex'),
          '","id":', to_json(entry.id),
          ',"created_at":', replace(to_json(entry.created_at)::text, '+00:00', 'Z'),
          ',"mode":', to_json(entry.mode),
          ',"actor_type":', to_json(entry.actor_type),
          ',"actor_id":', coalesce(to_json(entry.actor_id), 'null'),
          ',"action":', to_json(entry.action),
          ',"target_type":', to_json(entry.target_type),
          ',"target_id":', to_json(entry.target_id),
          ',"before":', entry.before,
          ',"after":', entry.after,
          ',"request_id":', coalesce(to_json(entry.request_id), 'null'),
          ',"ip_address":', coalesce(to_json(entry.ip_address), 'null'),
          '}'
        );
        update audit_entries e
        set seq = chain.seq + 1, previous_hash = chain.hash, hash = sha256(convert_to(line, 'UTF8'))
        where e.id = entry.id;
        chain := row(entry.organization_id, chain.seq + 1, sha256(convert_to(line, 'UTF8')));
      end loop;
    end $$;
    insert into audit_chains (organization_id, seq, hash)
      select distinct on (organization_id) organization_id, seq, hash from audit_entries
      order by organization_id, seq desc;

    alter table audit_entries
      alter column seq set not null,
      alter column previous_hash set not null,
      alter column hash set not null;
    drop index audit_entries_organization;
    create unique index audit_entries_seq on audit_entries (organization_id, seq);
    create index audit_entries_time on audit_entries (organization_id, created_at);
    create index audit_entries_actor on audit_entries (organization_id, actor_id, seq);
    create index audit_entries_target on audit_entries (organization_id, target_id, seq);
    create index audit_entries_action on audit_entries (organization_id, action, seq);

    -- Against a mistake. Whoever owns the table can take it away, which is what the chain is for.
    create function refuse_audit_change() returns trigger language plpgsql as $$
    begin
      raise exception 'audit entries are only ever added';
    end $$;
    create trigger audit_entries_append_only before update or delete or truncate on audit_entries
      for each statement execute function refuse_audit_change();

    -- The key that signs checkpoints: its private half is encrypted.
    create table audit_keys (
      id text primary key,
      public_key text not null,
      sealed_private_key bytea not null,
      created_at timestamptz not null default now()
    );
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table audit_keys, audit_chains;
    drop trigger audit_entries_append_only on audit_entries;
    drop function refuse_audit_change;
    drop index audit_entries_seq, audit_entries_time, audit_entries_actor, audit_entries_target, audit_entries_action;
    alter table audit_entries
      drop column seq,
      drop column previous_hash,
      drop column hash,
      alter column before type jsonb,
      alter column after type jsonb,
      alter column before drop not null,
      alter column after drop not null;
    create index audit_entries_organization on audit_entries (organization_id, id);
  `);
}

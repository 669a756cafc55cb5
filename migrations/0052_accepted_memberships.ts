import type { Knex } from 'knex';

/** Since when a member is one: whoever is added by others, from the moment of accepting on. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Null while the person has not accepted: the membership counts for nothing then.
    alter table memberships add column accepted_at timestamptz default now();
    update memberships set accepted_at = created_at;
  `);
}

/** Who has not accepted is none: the former code would take such a row for a member. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    delete from memberships where accepted_at is null;
    alter table memberships drop column accepted_at;
  `);
}

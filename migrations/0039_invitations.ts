import type { Knex } from 'knex';

/** Who was asked to join an organization and has not answered yet: one at a time for an address. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table invitations (
      id text primary key,
      organization_id text not null references organizations on delete cascade,
      email text not null,
      role text not null,
      -- The user by whose right it was made; null when it was the operator's.
      invited_by text references users on delete cascade,
      expires_at timestamptz not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    );
    create unique index invitations_address on invitations (organization_id, lower(email));
    create index invitations_organization on invitations (organization_id, id);
    create index invitations_invited_by on invitations (invited_by);
    create index invitations_expires_at on invitations (expires_at);

    -- How many mails an organization has sent.
    create index account_tokens_invitations on account_tokens ((data ->> 'organizationId'), created_at)
      where purpose = 'invitation';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index account_tokens_invitations; drop table invitations');
}

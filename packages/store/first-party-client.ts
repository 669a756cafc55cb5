import { firstPartyClientId } from '#catalog';
import type { Queryable } from './database.ts';

/** Makes sure that the product's own programs are a client, of this name and for these scopes. It has no other way to a token. */
export async function ensureFirstPartyClient(
  db: Queryable,
  { name, scopes }: { name: string; scopes: readonly string[] },
): Promise<void> {
  await db.query(
    `insert into clients as c (id, first_party, name, auth_method, application_type, grant_types, redirect_uris, scopes)
     values ($1, true, $2, 'none', 'web', '{}', '{}', $3)
     on conflict (id) do update set name = excluded.name, scopes = excluded.scopes, updated_at = now()
     where (c.name, c.scopes) is distinct from (excluded.name, excluded.scopes)`,
    [firstPartyClientId, name, scopes],
  );
}

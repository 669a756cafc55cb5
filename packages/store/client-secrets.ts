import type { NewSecret } from './api-key-secrets.ts';
import type { ClientSecret } from './clients.ts';
import type { Queryable } from './database.ts';
import { newId } from './id.ts';

/** Gives a client one more live secret. */
export async function insertClientSecret(
  tx: Queryable,
  clientId: string,
  { hash, hint }: NewSecret,
): Promise<ClientSecret> {
  const [row] = await tx.query<ClientSecret>(
    `insert into client_secrets as s (id, client_id, hash, hint) values ($1, $2, $3, $4)
     returning s.id, encode(s.hash, 'hex') as hash, s.hint, s.last_used_at as "lastUsedAt", s.created_at as "createdAt"`,
    [newId('sec'), clientId, hash, hint],
  );
  if (!row) throw new Error('insert returned no row');
  return row;
}

/** Ends one secret of a client. */
export async function deleteClientSecret(tx: Queryable, clientId: string, id: string): Promise<void> {
  await tx.query('delete from client_secrets s where s.client_id = $1 and s.id = $2', [clientId, id]);
}

/** Notes the last use of secrets, many at once. A time before the noted one changes nothing. */
export async function noteClientSecretUses(
  db: Queryable,
  uses: readonly { secretId: string; at: string }[],
): Promise<void> {
  await db.query(
    `update client_secrets s set last_used_at = u.at
     from unnest($1::text[], $2::timestamptz[]) as u (id, at)
     where s.id = u.id and (s.last_used_at is null or s.last_used_at < u.at)`,
    [uses.map((use) => use.secretId), uses.map((use) => use.at)],
  );
}

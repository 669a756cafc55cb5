import type { Queryable } from './database.ts';
import { deleteEnded } from './delete-ended.ts';

/**
 * Marks a proof as used for as long as it could be shown again. False when it was used already: of two uses at the same
 * moment, in whichever processes, one wins. `id` is a hash of what makes the proof unique.
 */
export async function useProof(db: Queryable, id: string, expiresInSeconds: number): Promise<boolean> {
  const rows = await db.query(
    `insert into used_proofs as p (id, expires_at) values ($1, now() + $2::double precision * interval '1 second')
     on conflict (id) do update set expires_at = excluded.expires_at where p.expires_at <= now() returning p.id`,
    [id, expiresInSeconds],
  );
  return rows.length === 1;
}

export async function isProofUsed(db: Queryable, id: string): Promise<boolean> {
  const rows = await db.query('select p.id from used_proofs p where p.id = $1 and p.expires_at > now()', [
    id,
  ]);
  return rows.length === 1;
}

/** Forgets up to `limit` proofs that could not be shown again any more, and returns how many. */
export function deleteEndedProofs(db: Queryable, limit: number): Promise<number> {
  return deleteEnded(db, limit, { table: 'used_proofs', since: 'expires_at' });
}

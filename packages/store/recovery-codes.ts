import type { Queryable } from './database.ts';

/** Gives a user a new set of recovery codes; those from before are gone. */
export async function replaceRecoveryCodes(
  tx: Queryable,
  userId: string,
  hashes: readonly Buffer[],
): Promise<void> {
  await tx.query('delete from recovery_codes r where r.user_id = $1', [userId]);
  await tx.query('insert into recovery_codes (user_id, hash) select $1, unnest($2::bytea[])', [
    userId,
    hashes,
  ]);
}

/** Uses a recovery code up; false when there is none such, or it was used already. Of two uses at once, one wins. */
export async function useRecoveryCode(tx: Queryable, userId: string, hash: Buffer): Promise<boolean> {
  const rows = await tx.query(
    `update recovery_codes r set used_at = now()
     where r.user_id = $1 and r.hash = $2 and r.used_at is null returning r.user_id`,
    [userId, hash],
  );
  return rows.length === 1;
}

/** How many recovery codes a user has left; null when none were ever made. */
export async function countRecoveryCodes(db: Queryable, userId: string): Promise<number | null> {
  const [row] = await db.query<{ all: number; left: number }>(
    `select count(*)::integer as all, (count(*) filter (where r.used_at is null))::integer as left
     from recovery_codes r where r.user_id = $1`,
    [userId],
  );
  return row && row.all > 0 ? row.left : null;
}

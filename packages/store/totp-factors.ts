import type { Queryable } from './database.ts';

/** Somebody's authenticator app. */
export interface TotpFactor {
  /** Sealed. */
  secret: Buffer;
  lastUsedAt: string | null;
  createdAt: string;
}

export async function findTotpFactor(db: Queryable, userId: string): Promise<TotpFactor | null> {
  const [row] = await db.query<TotpFactor>(
    `select t.secret, t.last_used_at as "lastUsedAt", t.created_at as "createdAt" from totp_factors t
     where t.user_id = $1`,
    [userId],
  );
  return row ?? null;
}

/** Adds an authenticator app with the step of its first code; false when there is one already. */
export async function insertTotpFactor(
  tx: Queryable,
  { userId, secret, step }: { userId: string; secret: Buffer; step: number },
): Promise<boolean> {
  const rows = await tx.query(
    `insert into totp_factors (user_id, secret, last_step) values ($1, $2, $3)
     on conflict do nothing returning user_id`,
    [userId, secret, step],
  );
  return rows.length === 1;
}

/** Uses the code of a step up; false when it, or a later one, was used already. Of two uses at once, one wins. */
export async function useTotpStep(db: Queryable, userId: string, step: number): Promise<boolean> {
  const rows = await db.query(
    `update totp_factors t set last_step = $2, last_used_at = now()
     where t.user_id = $1 and t.last_step < $2 returning t.user_id`,
    [userId, step],
  );
  return rows.length === 1;
}

export async function deleteTotpFactor(tx: Queryable, userId: string): Promise<boolean> {
  const rows = await tx.query('delete from totp_factors t where t.user_id = $1 returning t.user_id', [
    userId,
  ]);
  return rows.length === 1;
}

import type { Queryable } from './database.ts';
import { endSignIns } from './end-sign-ins.ts';

/**
 * Keeps a user out: sign-ins, sessions, grants and links for a new password end, and none begins until the user is enabled. False
 * when the user is disabled already.
 */
export async function disableUser(tx: Queryable, id: string): Promise<boolean> {
  const rows = await tx.query(
    'update users u set disabled_at = now() where u.id = $1 and u.disabled_at is null returning u.id',
    [id],
  );
  if (rows.length === 0) return false;
  await endSignIns(tx, id, 'account_disabled');
  return true;
}

/** Lets a user sign in again; what has ended does not come back. False when the user is not disabled. */
export async function enableUser(tx: Queryable, id: string): Promise<boolean> {
  const rows = await tx.query(
    'update users u set disabled_at = null where u.id = $1 and u.disabled_at is not null returning u.id',
    [id],
  );
  return rows.length === 1;
}

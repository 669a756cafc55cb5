import { endAccountTokens } from './account-tokens.ts';
import type { Queryable } from './database.ts';
import { endGrantsOfUser } from './grants.ts';
import { signOutUser } from './sign-out-user.ts';
import { sessionsFromNow } from './users.ts';

/**
 * Keeps a user out: sign-ins, sessions, grants and links for a new password end, and none begins until the user is enabled. False
 * when the user is disabled already.
 */
export async function disableUser(tx: Queryable, id: string): Promise<boolean> {
  const rows = await tx.query(
    `update users u set disabled_at = now(), sessions_from = ${sessionsFromNow}
     where u.id = $1 and u.disabled_at is null returning u.id`,
    [id],
  );
  if (rows.length === 0) return false;
  // After the user's row is locked: a grant that was made until then is seen here, and none is made any more.
  await endGrantsOfUser(tx, { userId: id }, 'account_disabled');
  await endAccountTokens(tx, 'reset_password', id);
  await signOutUser(tx, id);
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

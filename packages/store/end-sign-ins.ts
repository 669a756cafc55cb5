import type { GrantEnd } from '#catalog';
import { endAccountTokens } from './account-tokens.ts';
import type { Queryable } from './database.ts';
import { endGrantsOfUser } from './grants.ts';
import { signOutUser } from './sign-out-user.ts';

/**
 * Ends whatever somebody may hold who has signed in as a user: sessions, of which apps are told that want to hear of it, grants, and
 * links for a new password. A sign-in that is under way comes to nothing.
 */
export async function endSignIns(tx: Queryable, userId: string, reason: GrantEnd): Promise<void> {
  await tx.query(
    `update users u
     set sessions_from = greatest(date_trunc('second', clock_timestamp()), u.sessions_from) + interval '1 second'
     where u.id = $1`,
    [userId],
  );
  // After the user's row is locked: a grant that was made until then is seen here, and none is made any more.
  await endGrantsOfUser(tx, { userId }, reason);
  await endAccountTokens(tx, 'reset_password', userId);
  await signOutUser(tx, userId);
}

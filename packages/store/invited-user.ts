import type { Queryable } from './database.ts';
import { changePassword, findOrInsertUser, findUser, lockUser, type User } from './users.ts';

/**
 * The account of a person who has come by a link that was sent to this address: a new one, or the one that has no password
 * yet, which gets this name and this password. Null when there is one with a password, or a passkey, which its owner signs in
 * with; or one that is disabled.
 */
export async function claimUser(
  tx: Queryable,
  claim: { email: string; name: string; passwordHash: string },
): Promise<User | null> {
  const user = await lockUser(tx, (await findOrInsertUser(tx, claim)).id);
  if (!user) return null;
  if (user.passwordHash === claim.passwordHash) return user;
  if (user.passwordHash !== null || user.hasSecondFactor || user.isDisabled) return null;
  await changePassword(tx, user.id, claim.passwordHash);
  await tx.query('update users u set name = $2 where u.id = $1', [user.id, claim.name]);
  return findUser(tx, user.id);
}

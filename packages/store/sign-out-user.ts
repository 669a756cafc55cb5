import type { Queryable } from './database.ts';
import { enqueueLogout } from './enqueue-logout.ts';
import { endSessions } from './sessions.ts';

/** Ends sessions of a user, as {@link endSessions} does, and has the apps told that want to hear of it. */
export async function signOutUser(
  tx: Queryable,
  userId: string,
  which: Parameters<typeof endSessions>[2] = {},
): Promise<void> {
  for (const logout of await endSessions(tx, userId, which)) await enqueueLogout(tx, { ...logout, userId });
}

import type { Queryable } from './database.ts';
import { enqueueLogout } from './enqueue-logout.ts';
import { endSessions } from './sessions.ts';

/** Ends sessions of a user, as {@link endSessions} does, has the apps told that want to hear of it, and returns how many ended. */
export async function signOutUser(
  tx: Queryable,
  userId: string,
  which: Parameters<typeof endSessions>[2] = {},
): Promise<number> {
  const ended = await endSessions(tx, userId, which);
  for (const app of ended.flatMap(({ apps }) => apps)) await enqueueLogout(tx, { ...app, userId });
  return ended.length;
}

import type { Queryable } from './database.ts';
import { enqueueJobs } from './job-queue.ts';

/** That a user has signed out, as a client has to be told (OpenID Connect Back-Channel Logout 1.0). */
export interface Logout {
  clientId: string;
  userId: string;
  /** The session, under the name that this client knows it by. */
  sid: string;
}

/** Queues it for the worker, which tells the client. */
export async function enqueueLogout(db: Queryable, logout: Logout): Promise<void> {
  await enqueueJobs(db, 'backchannel-logout', [logout]);
}

import type { JobResult, JobWithMetadata } from 'pg-boss';
import { z } from 'zod';
import type { Logger, outsideFetch } from '#http';
import { type Database, findClient, type Logout } from '#store';
import { makeLogoutToken } from './logout-token.ts';

const logoutSchema: z.ZodType<Logout> = z.object({
  clientId: z.string(),
  userId: z.string(),
  sid: z.string(),
});

export interface LogoutDependencies {
  db: Database;
  issuer: string;
  encryptionKey: string;
  /** Calls the URLs that clients gave. */
  fetchOutside: ReturnType<typeof outsideFetch>;
  logger: Logger;
}

/**
 * Tells the clients of some jobs that a user has signed out, each by itself, and each time by a new token, which lives
 * shortly. A client that did not answer with 200 or 204 is told again later; one that is gone, or does not want to be
 * told any more, is not.
 */
export function deliverLogouts(
  jobs: readonly JobWithMetadata<unknown>[],
  dependencies: LogoutDependencies,
): Promise<JobResult[]> {
  return Promise.all(jobs.map((job) => deliver(job, dependencies)));
}

async function deliver(job: JobWithMetadata<unknown>, dependencies: LogoutDependencies): Promise<JobResult> {
  const { id, retryCount, retryLimit } = job;
  const { logger } = dependencies;
  const parsed = logoutSchema.safeParse(job.data);
  const facts = { logout: id, clientId: parsed.data?.clientId, tries: retryCount + 1 };
  try {
    if (!parsed.success) throw parsed.error;
    const told = await tell(parsed.data, dependencies);
    logger.info(facts, told ? 'told of a sign-out' : 'nobody wants to be told of a sign-out any more');
    return { id, status: 'completed' };
  } catch (error) {
    if (retryCount < retryLimit)
      logger.warn({ ...facts, err: error }, 'not told of a sign-out; it is tried again');
    else logger.error({ ...facts, err: error }, 'not told of a sign-out; it is given up');
    return { id, status: 'failed', output: { error: String(error) } };
  }
}

/** False when there is nobody to tell. */
async function tell(logout: Logout, { db, fetchOutside, ...settings }: LogoutDependencies): Promise<boolean> {
  const client = await findClient(db, logout.clientId);
  if (!client || client.backchannelLogoutUri === null) return false;
  const logout_token = await makeLogoutToken(db, settings, logout);
  const { status } = await fetchOutside(client.backchannelLogoutUri, {
    method: 'POST',
    body: new URLSearchParams({ logout_token }),
  });
  if (status !== 200 && status !== 204) throw new Error(`the client answered ${status}`);
  return true;
}

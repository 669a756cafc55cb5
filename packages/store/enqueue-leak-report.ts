import type { Queryable } from './database.ts';
import { enqueueJobs } from './job-queue.ts';

/** That somebody has found a key in public, whether there is such a key or not. The key itself is not in it. */
export interface LeakReport {
  /** SHA-256 of the key, in hexadecimal. */
  hash: string;
  /** Where it was found, without the key. */
  foundAt: string | null;
  requestId: string;
  ipAddress: string;
}

/** Queues it for the worker, which stops the key. */
export async function enqueueLeakReport(db: Queryable, report: LeakReport): Promise<void> {
  await enqueueJobs(db, 'leak-reports', [report]);
}

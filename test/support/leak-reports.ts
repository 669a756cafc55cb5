import type { Database } from '#store';
import { stopLeakedKey } from '../../apps/worker/src/leaks/stop-leaked-key.ts';

/** The reports of leaked keys that wait in the queue, oldest first. */
export async function queuedLeakReports(db: Database): Promise<unknown[]> {
  const jobs = await db.query<{ data: unknown }>(
    `select j.data from pgboss.job j where j.name = 'leak-reports' order by j.created_on`,
  );
  return jobs.map(({ data }) => data);
}

/** Carries them out, as the worker does, and takes them out of the queue. */
export async function workLeakReports(db: Database): Promise<void> {
  for (const report of await queuedLeakReports(db)) await stopLeakedKey(db, report);
  await db.query(`delete from pgboss.job j where j.name = 'leak-reports'`);
}

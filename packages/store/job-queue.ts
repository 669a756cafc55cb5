import type pg from 'pg';
import { type ConstructorOptions, PgBoss, type Queue } from 'pg-boss';
import pgBoss from 'pg-boss/package.json' with { type: 'json' };
import type { Queryable } from './database.ts';

const hour = 3_600;

// A whole run at a time, whatever number of workers there are: while one waits or runs, no other is queued.
const oneAtATime = { policy: 'exclusive', retryLimit: 3, retryDelay: 60, expireInSeconds: hour } as const;

/** The queues of background work. Seconds; a job whose worker dies is tried again after `expireInSeconds`. */
export const jobQueues = {
  // After a few quick tries once an hour, for five days: as long as mail servers themselves keep trying (RFC 5321
  // §4.5.4.1).
  mail: { retryLimit: 130, retryDelay: 2, retryBackoff: true, retryDelayMax: hour, expireInSeconds: 120 },
  // For about a day: after that a session of the app's own has ended, or never will.
  'backchannel-logout': {
    retryLimit: 30,
    retryDelay: 5,
    retryBackoff: true,
    retryDelayMax: hour,
    expireInSeconds: 60,
  },
  // Its reporter was told that it is received, so it is not given up before somebody can have mended what is wrong.
  'leak-reports': {
    retryLimit: 130,
    retryDelay: 2,
    retryBackoff: true,
    retryDelayMax: hour,
    expireInSeconds: 60,
  },
  'expiry-notices': oneAtATime,
  'clean-up': oneAtATime,
} satisfies Record<string, Omit<Queue, 'name'>>;

/** The version of pg-boss' own tables that this version of it needs. */
export const jobQueueVersion = pgBoss.pgboss.schema;

export type JobQueue = keyof typeof jobQueues;

/** Makes pg-boss' own tables, or brings them up to date, and our queues in them. Run one at a time. */
export async function installJobQueues(client: pg.Client): Promise<void> {
  const db = { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
  const boss = withoutTimers({ db });
  await boss.start();
  for (const [name, { policy, ...options }] of Object.entries<Omit<Queue, 'name'>>(jobQueues)) {
    await boss.createQueue(name, policy ? { policy, ...options } : options);
    await boss.updateQueue(name, options);
  }
  await boss.stop({ graceful: false });
}

/** Queues jobs, in the transaction of what they are about: they run when it has committed, or never. */
export async function enqueueJobs(tx: Queryable, queue: JobQueue, jobs: readonly object[]): Promise<void> {
  const db = {
    executeSql: async (text: string, values?: unknown[]) => ({ rows: await tx.query(text, values) }),
  };
  await withoutTimers({ db }).insert(
    queue,
    jobs.map((data) => ({ data })),
  );
}

function withoutTimers(options: ConstructorOptions): PgBoss {
  return new PgBoss({ ...options, supervise: false, schedule: false });
}

import type { Queryable } from '#store';

export interface QueuedMail {
  id: string;
  state: string;
  retryCount: number;
  data: { to: string; organizationName: string; event: { type: string; data: Record<string, unknown> } };
}

/** The messages of the queue, in whatever state, by their addresses. */
export function queuedMail(db: Queryable): Promise<QueuedMail[]> {
  return db.query<QueuedMail>(
    `select j.id, j.state, j.retry_count as "retryCount", j.data from pgboss.job j where j.name = 'mail'
     order by j.data ->> 'to', j.created_on`,
  );
}

/** Resolves when all of them are in `state`; asks again until then. */
export async function untilAllMail(db: Queryable, state: 'retry' | 'completed'): Promise<void> {
  while (!(await queuedMail(db)).every((mail) => mail.state === state)) {
    await new Promise((done) => setTimeout(done, 50));
  }
}

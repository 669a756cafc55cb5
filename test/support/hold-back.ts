import type { TestDatabase } from './test-database.ts';
import { until } from './until.ts';

/**
 * Makes requests meet in the database: holds what `lock` locks until `requests`, begun one after the other, all wait for a
 * lock, and then lets them go on together.
 */
export async function holdBack<Answer>(
  db: TestDatabase,
  [lock, values]: [lock: string, values: unknown[]],
  requests: readonly (() => Promise<Answer>)[],
): Promise<Answer[]> {
  const answers: Promise<Answer>[] = [];
  await db.transaction(async (tx) => {
    await tx.query(lock, values);
    for (const request of requests) {
      answers.push(request());
      await until(async () => (await countWaiting(db)) === answers.length);
    }
  });
  return Promise.all(answers);
}

async function countWaiting(db: TestDatabase): Promise<number> {
  const waiting = await db.query(
    `select a.pid from pg_stat_activity a where a.datname = current_database() and a.wait_event_type = 'Lock'`,
  );
  return waiting.length;
}

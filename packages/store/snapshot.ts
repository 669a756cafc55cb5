import type { Database, Queryable } from './database.ts';

/** Runs `work` on the database as it stands now: what others commit meanwhile is not seen. It can't write. */
export function snapshot<Result>(db: Database, work: (tx: Queryable) => Promise<Result>): Promise<Result> {
  return db.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only');
    return work(tx);
  });
}

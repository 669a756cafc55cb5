import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database, Queryable } from './database.ts';

/**
 * The same database, but whatever is asked of it within the work of a transaction is part of that transaction:
 * queries, and transactions, which then neither commit nor roll back by themselves. So a step around a handler can
 * commit together with what the handler does. The work must wait for all that it asks. The
 * pipeline stays outside.
 */
export function joiningDatabase(db: Database): Database {
  const current = new AsyncLocalStorage<Queryable>();
  return {
    ...db,
    query: (text, values) => (current.getStore() ?? db).query(text, values),
    async transaction(work) {
      const outer = current.getStore();
      return outer ? work(outer) : db.transaction((tx) => current.run(tx, () => work(tx)));
    },
  };
}

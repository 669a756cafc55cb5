import type { Queryable } from './database.ts';

/** Which rows of a table nothing would find again. */
export interface Ended {
  table: string;
  /** The columns of the primary key; `id` alone when left out. */
  key?: readonly string[];
  /** The column that says when a row ended; an index leads to the oldest. */
  since: string;
  /** How long it stays after that, as PostgreSQL writes intervals. */
  kept?: string;
  /** SQL: what else must hold of a row `e`. */
  and?: string;
}

/** Deletes up to `limit` such rows, and returns how many. It waits for no other transaction: a row that one holds stays. */
export async function deleteEnded(
  db: Queryable,
  limit: number,
  { table, key = ['id'], since, kept = '0 seconds', and = 'true' }: Ended,
): Promise<number> {
  const keyOf = (row: string) => key.map((column) => `${row}.${column}`).join(', ');
  const deleted = await db.query(
    `delete from ${table} d using (
       select ${keyOf('e')} from ${table} e where e.${since} < now() - interval '${kept}' and ${and}
       order by e.${since} limit $1 for update skip locked
     ) ended
     where (${keyOf('d')}) = (${keyOf('ended')}) returning ${keyOf('d')}`,
    [limit],
  );
  return deleted.length;
}

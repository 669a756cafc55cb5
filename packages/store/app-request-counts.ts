import type { Queryable } from './database.ts';

/** Deletes up to `limit` counts of days that are 13 months old, and returns how many. */
export async function deleteOldAppRequestCounts(db: Queryable, limit: number): Promise<number> {
  const deleted = await db.query(
    `delete from app_request_counts c using (
       select o.user_id, o.client_id, o.organization_id, o.day, o.scope from app_request_counts o
       where o.day < now() - interval '13 months' order by o.day limit $1 for update skip locked
     ) old
     where (c.user_id, c.client_id, c.organization_id, c.day, c.scope)
       = (old.user_id, old.client_id, old.organization_id, old.day, old.scope)
     returning c.user_id`,
    [limit],
  );
  return deleted.length;
}

import type { Queryable } from './database.ts';
import { deleteEnded } from './delete-ended.ts';

/** Deletes up to `limit` counts of days that are 13 months old, and returns how many. */
export function deleteOldAppRequestCounts(db: Queryable, limit: number): Promise<number> {
  return deleteEnded(db, limit, {
    table: 'app_request_counts',
    key: ['user_id', 'client_id', 'organization_id', 'day', 'scope'],
    since: 'day',
    kept: '13 months',
  });
}

import { insertAuditEntry, type NewAuditEntry } from './audit.ts';
import type { Queryable } from './database.ts';
import { listMembershipsOfUser } from './memberships.ts';

/** What somebody changed about a user's account; no secrets. */
export type UserChange = Pick<NewAuditEntry, 'action' | 'before' | 'after'>;

/** Writes a change of a user's account into the audit log of each of the user's organizations, last in its transaction. */
export async function recordUserChange(
  tx: Queryable,
  userId: string,
  change: UserChange & Pick<NewAuditEntry, 'actorType' | 'actorId' | 'requestId' | 'ipAddress'>,
): Promise<void> {
  for (const { organizationId } of await listMembershipsOfUser(tx, userId)) {
    await insertAuditEntry(tx, {
      ...change,
      organizationId,
      mode: 'live',
      targetType: 'user',
      targetId: userId,
    });
  }
}

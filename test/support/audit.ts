import { type AuditEntry, insertAuditEntry, type Queryable, readAuditEntries } from '#store';

/** Adds an entry to an organization's audit log, as the operator's command would. */
export function addEntry(
  tx: Queryable,
  organizationId: string,
  { targetId = 'thing_1', after = null }: { targetId?: string; after?: unknown } = {},
): Promise<void> {
  return insertAuditEntry(tx, {
    organizationId,
    mode: 'live',
    actorType: 'operator',
    actorId: null,
    action: 'things.created',
    targetType: 'thing',
    targetId,
    before: null,
    after,
    requestId: null,
    ipAddress: null,
  });
}

/** All entries of an organization, oldest first. */
export async function entriesOf(db: Queryable, organizationId: string): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for await (const batch of readAuditEntries(db, organizationId)) entries.push(...batch);
  return entries;
}

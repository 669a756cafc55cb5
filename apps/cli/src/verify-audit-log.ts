import { type Database, findAuditHead, listAuditedOrganizations, readAuditEntries, snapshot } from '#store';
import type { Checkpoint } from './checkpoint.ts';
import { verifyChain } from './verify-chain.ts';

/**
 * Verifies the chain of one organization, or of all: also of those that only a checkpoint still knows. `tell` is told
 * of each entry that was changed, removed or inserted. Answers how much was looked at. Throws an Error of one line when
 * the organization has no audit log.
 */
export async function verifyAuditLog(
  db: Database,
  { checkpoints, organizationId }: { checkpoints: readonly Checkpoint[]; organizationId: string | null },
  tell: (finding: string) => void,
): Promise<{ organizations: number; entries: number }> {
  const known = new Set([
    ...(await listAuditedOrganizations(db)),
    ...checkpoints.map((checkpoint) => checkpoint.organizationId),
  ]);
  if (organizationId !== null && !known.has(organizationId))
    throw new Error(`there is no audit log of ${organizationId}`);
  const wanted = organizationId === null ? [...known] : [organizationId];
  let entries = 0;
  for (const id of wanted) {
    const own = checkpoints.filter((checkpoint) => checkpoint.organizationId === id);
    // Entries that are added meanwhile must not look like forgeries.
    entries += await snapshot(db, async (tx) => {
      const head = await findAuditHead(tx, id);
      const about = (finding: string) => tell(`${id}: ${finding}`);
      return verifyChain(readAuditEntries(tx, id), { head, checkpoints: own }, about);
    });
  }
  return { organizations: wanted.length, entries };
}

import { type AuditEntry, type AuditHead, auditHash, zeroHash } from '#store';
import type { Checkpoint } from './checkpoint.ts';

/**
 * Verifies one organization's entries, in the order of their numbers, against each other, the stored end of the chain
 * and checkpoints. `tell` is told of each entry that was changed, removed, replaced or inserted. Answers how many
 * entries there were.
 */
export async function verifyChain(
  batches: AsyncIterable<readonly AuditEntry[]>,
  { head, checkpoints }: { head: AuditHead | null; checkpoints: readonly Checkpoint[] },
  tell: (finding: string) => void,
): Promise<number> {
  const signed = Map.groupBy(checkpoints, ({ seq }) => seq);
  const told = new Set<string>();
  const find = (entry: AuditEntry, what: string) => {
    if (!told.has(entry.id)) tell(`entry ${entry.seq} (${entry.id}) ${what}`);
    told.add(entry.id);
  };
  let count = 0;
  let last: AuditEntry | null = null;

  for await (const sameSeq of bySeq(batches)) {
    count += sameSeq.length;
    const entry = genuineOf(sameSeq, last);
    for (const other of sameSeq) if (other !== entry) find(other, 'was inserted');
    if (!entry) continue;
    if (entry.seq < 1 || (head && entry.seq > head.seq)) {
      find(entry, 'was inserted');
      continue;
    }
    const isNext: boolean = entry.seq === (last?.seq ?? 0) + 1;
    if (!isNext) tellMissing((last?.seq ?? 0) + 1, entry.seq - 1, tell);
    if (!isSound(entry)) find(entry, 'was changed');
    else if (isNext && !follows(entry, last)) find(last ?? entry, 'was replaced');
    for (const { hash, createdAt } of signed.get(entry.seq) ?? []) {
      if (hash !== entry.hash) find(entry, `is not the one that the checkpoint of ${createdAt} has`);
    }
    last = entry;
  }

  const end = Math.max(head?.seq ?? 0, ...checkpoints.map(({ seq }) => seq));
  if (end > (last?.seq ?? 0)) tellMissing((last?.seq ?? 0) + 1, end, tell);
  if (last && !head) tell('the end of the chain is not stored');
  if (last && head?.seq === last.seq && head.hash !== last.hash) find(last, 'was replaced');
  return count;
}

/** Of entries that share a number, the one that the chain wants. */
function genuineOf(sameSeq: readonly AuditEntry[], last: AuditEntry | null): AuditEntry | undefined {
  if (sameSeq.length === 1) return sameSeq[0];
  return (
    sameSeq.find((entry) => isSound(entry) && follows(entry, last)) ?? sameSeq.find(isSound) ?? sameSeq[0]
  );
}

const isSound = (entry: AuditEntry) => auditHash(entry) === entry.hash;
const follows = (entry: AuditEntry, last: AuditEntry | null) =>
  entry.previousHash === (last?.hash ?? zeroHash);

function tellMissing(from: number, to: number, tell: (finding: string) => void): void {
  tell(from === to ? `entry ${from} is missing` : `entries ${from} to ${to} are missing`);
}

async function* bySeq(batches: AsyncIterable<readonly AuditEntry[]>): AsyncGenerator<AuditEntry[], void> {
  let group: AuditEntry[] = [];
  for await (const batch of batches) {
    for (const entry of batch) {
      if (group[0] && group[0].seq !== entry.seq) {
        yield group;
        group = [];
      }
      group.push(entry);
    }
  }
  if (group.length > 0) yield group;
}

import { stampLine } from '#crypto';
import { type AuditEntry, auditText } from '#store';
import { type Column, csvRows } from './csv-rows.ts';

type Batches = AsyncIterable<readonly AuditEntry[]>;

/** Entries as JSON Lines, each with its hash first: docs/audit.md says how to verify them. */
export async function* auditLines(batches: Batches): AsyncGenerator<string, void> {
  for await (const batch of batches) {
    yield batch.map((entry) => `${stampLine('hash', entry.hash, auditText(entry))}\n`).join('');
  }
}

const columns: Column<AuditEntry>[] = [
  ['seq', (entry) => entry.seq],
  ['id', (entry) => entry.id],
  ['created_at', (entry) => entry.createdAt],
  ['mode', (entry) => entry.mode],
  ['actor_type', (entry) => entry.actorType],
  ['actor_id', (entry) => entry.actorId],
  ['action', (entry) => entry.action],
  ['target_type', (entry) => entry.targetType],
  ['target_id', (entry) => entry.targetId],
  ['before', (entry) => entry.before],
  ['after', (entry) => entry.after],
  ['ip_address', (entry) => entry.ipAddress],
  ['request_id', (entry) => entry.requestId],
  ['client_id', (entry) => entry.clientId ?? null],
];

/** Entries as CSV. */
export function auditCsv(batches: Batches): AsyncGenerator<string, void> {
  return csvRows(columns, batches);
}

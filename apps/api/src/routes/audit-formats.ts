import { stringify } from 'csv-stringify/sync';
import { stampLine } from '#crypto';
import { type AuditEntry, auditText } from '#store';

type Batches = AsyncIterable<readonly AuditEntry[]>;

/** Entries as JSON Lines, each with its hash first: docs/audit.md says how to verify them. */
export async function* auditLines(batches: Batches): AsyncGenerator<string, void> {
  for await (const batch of batches) {
    yield batch.map((entry) => `${stampLine('hash', entry.hash, auditText(entry))}\n`).join('');
  }
}

const cells: [string, (entry: AuditEntry) => string | null][] = [
  ['seq', (entry) => String(entry.seq)],
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
];

/** Entries as CSV (RFC 4180) with a line of names first. A cell that a spreadsheet would run begins with an apostrophe. */
export async function* auditCsv(batches: Batches): AsyncGenerator<string, void> {
  yield csv([cells.map(([name]) => name)]);
  for await (const batch of batches) yield csv(batch.map((entry) => cells.map(([, cell]) => cell(entry))));
}

function csv(rows: (string | null)[][]): string {
  return stringify(rows, { escape_formulas: true, record_delimiter: 'windows' });
}

import { hash } from 'node:crypto';
import type { AuditEntry } from './audit.ts';

/** What an entry's hash covers. */
export type HashedEntry = Omit<AuditEntry, 'hash'>;

/** The one text of an entry, a JSON object without white space between its fields; see docs/audit.md. */
export function auditText(entry: HashedEntry): string {
  const fields: [string, string][] = [
    ['organization_id', JSON.stringify(entry.organizationId)],
    ['seq', JSON.stringify(entry.seq)],
    ['previous_hash', JSON.stringify(entry.previousHash)],
    ['id', JSON.stringify(entry.id)],
    ['created_at', JSON.stringify(entry.createdAt)],
    ['mode', JSON.stringify(entry.mode)],
    ['actor_type', JSON.stringify(entry.actorType)],
    ['actor_id', JSON.stringify(entry.actorId)],
    // Entries that were written before there was such a field keep their text.
    ...(entry.clientId ? [['client_id', JSON.stringify(entry.clientId)] satisfies [string, string]] : []),
    ['action', JSON.stringify(entry.action)],
    ['target_type', JSON.stringify(entry.targetType)],
    ['target_id', JSON.stringify(entry.targetId)],
    ['before', entry.before],
    ['after', entry.after],
    ['request_id', JSON.stringify(entry.requestId)],
    ['ip_address', JSON.stringify(entry.ipAddress)],
  ];
  return `{${fields.map(([name, json]) => `"${name}":${json}`).join(',')}}`;
}

/** SHA-256 of an entry's text, in hexadecimal. */
export function auditHash(entry: HashedEntry): string {
  return hash('sha256', auditText(entry));
}

import type { DomainEvent, Mode } from '#catalog';
import type { Queryable } from './database.ts';
import { newId } from './id.ts';

/** Writes an event; give it the transaction of what happened, so that neither stands without the other. */
export async function insertEvent(
  tx: Queryable,
  { organizationId, mode }: { organizationId: string; mode: Mode },
  { type, data }: DomainEvent,
): Promise<void> {
  await tx.query('insert into events (id, organization_id, mode, type, data) values ($1, $2, $3, $4, $5)', [
    newId('evt'),
    organizationId,
    mode,
    type,
    JSON.stringify(data),
  ]);
}

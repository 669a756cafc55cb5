import { z } from 'zod';
import { type AuditFilters, actorTypes } from '#store';
import type { Caller } from '../caller.ts';

const text = z.string().max(200).optional();

// PostgreSQL knows no year 0.
const time = z
  .union([z.iso.date().regex(/^[1-9]/), z.iso.datetime().regex(/^[1-9]/)])
  .optional()
  .meta({ description: 'ISO 8601 in UTC; a date is its first moment.' });

/** The parameters that choose entries of the audit log: from `from` on, and before `to`. */
export const auditFilterQuery = {
  actor_type: z.enum(actorTypes).optional(),
  actor_id: text,
  action: text,
  target_type: text,
  target_id: text,
  from: time,
  to: time,
};

type AuditFilterQuery = z.infer<z.ZodObject<typeof auditFilterQuery>>;

/** The filters of a request. A test credential sees what test credentials did. */
export function auditFiltersOf(caller: Caller, query: AuditFilterQuery): AuditFilters {
  return {
    mode: caller.mode === 'test' ? 'test' : undefined,
    actorType: query.actor_type,
    actorId: query.actor_id,
    action: query.action,
    targetType: query.target_type,
    targetId: query.target_id,
    from: query.from,
    to: query.to,
  };
}

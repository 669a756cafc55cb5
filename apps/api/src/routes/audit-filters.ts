import { z } from 'zod';
import { type AuditFilters, actorTypes } from '#store';
import type { Caller } from '../caller.ts';
import { onlyMode } from './api-key-access.ts';
import { timeFilter } from './wire-schemas.ts';

const text = z.string().max(200).optional();

/** The filters that only changes have. */
const ofChanges = {
  actor_type: z.enum(actorTypes).optional(),
  actor_id: text,
  action: text,
  target_type: text,
  target_id: text,
};

const chosen = {
  kind: z
    .enum(['changes', 'api_activity'])
    .default('changes')
    .meta({ description: 'Changes, or requests; these are filtered by time only.' }),
  ...ofChanges,
  from: timeFilter,
  to: timeFilter,
};

type Chosen = z.infer<z.ZodObject<typeof chosen>>;

/** A query schema of `more` and of the parameters that choose entries of the audit log: from `from` on, and before `to`. */
export function auditQuery<Shape extends z.ZodRawShape>(more: Shape) {
  return z.strictObject({ ...chosen, ...more }).superRefine((query, context) => {
    const given: Record<string, unknown> = query;
    if (given.kind === 'changes') return;
    for (const name of Object.keys(ofChanges)) {
      if (given[name] === undefined) continue;
      context.addIssue({ code: 'custom', path: [name], message: 'is a filter of changes only' });
    }
  });
}

/** The filters of a request for changes. A test credential sees what test credentials did. */
export function auditFiltersOf(caller: Caller, query: Chosen): AuditFilters {
  return {
    ...requestFiltersOf(caller, query),
    actorType: query.actor_type,
    actorId: query.actor_id,
    action: query.action,
    targetType: query.target_type,
    targetId: query.target_id,
  };
}

/** The filters of a request for requests. A test credential sees what test credentials sent. */
export function requestFiltersOf(caller: Caller, { from, to }: Chosen) {
  return { mode: onlyMode(caller) ?? undefined, from, to };
}

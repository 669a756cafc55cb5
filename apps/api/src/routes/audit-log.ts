import { z } from 'zod';
import { type AuditLog, wireTime } from '#catalog';
import { type AuditEntry, listAuditEntries, type Queryable } from '#store';
import { decodeCursor, idCursor, pageQuery, toPage } from './list-page.ts';
import { type Route, route } from './route.ts';

const text = z.string().max(200).optional();

/** The route over the organization's audit log, newest first. A test credential sees what test credentials did. */
export function auditLogRoutes(db: Queryable, declared: AuditLog): Route[] {
  return [
    route({
      method: 'get',
      path: declared.path,
      scope: declared.scope,
      query: z.strictObject({ ...pageQuery, action: text, actor_id: text, target_id: text }),
      async handle({ caller, query }) {
        const entries = await listAuditEntries(db, caller.organizationId, {
          limit: query.limit + 1,
          cursor: decodeCursor(query.cursor, idCursor),
          mode: caller.mode === 'test' ? 'test' : null,
          action: query.action ?? null,
          actorId: query.actor_id ?? null,
          targetId: query.target_id ?? null,
        });
        const { items, nextCursor } = toPage(entries, query.limit, (entry) => entry.id);
        return { status: 200, page: { items: items.map(present), nextCursor } };
      },
    }),
  ];
}

function present(entry: AuditEntry): unknown {
  return {
    id: entry.id,
    action: entry.action,
    mode: entry.mode,
    actor: { type: entry.actorType, id: entry.actorId },
    target: { type: entry.targetType, id: entry.targetId },
    before: entry.before,
    after: entry.after,
    ip_address: entry.ipAddress,
    request_id: entry.requestId,
    created_at: wireTime(entry.createdAt),
  };
}

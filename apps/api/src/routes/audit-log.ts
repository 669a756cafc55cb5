import { z } from 'zod';
import { type AuditLog, modes, wireTime } from '#catalog';
import { type AuditEntry, listAuditEntries, listRequests, type Queryable } from '#store';
import type { Caller } from '../caller.ts';
import { auditFiltersOf, auditQuery, requestFiltersOf } from './audit-filters.ts';
import { decodeCursor, pageQuery, toPage } from './list-page.ts';
import { presentRequest, requestAnswer, requestCursor } from './request-answers.ts';
import { type Route, route } from './route.ts';
import { idAnswer, timeAnswer } from './wire-schemas.ts';

const auditEntry = z
  .object({
    id: idAnswer('aud'),
    action: z.string().meta({ examples: ['api_key.created'] }),
    mode: z.enum(modes),
    actor: z.object({ type: z.string().meta({ examples: ['user'] }), id: idAnswer('user').nullable() }),
    client_id: idAnswer('client').nullable().meta({ description: 'The client through which a user acted.' }),
    target: z.object({ type: z.string().meta({ examples: ['api_key'] }), id: idAnswer('key') }),
    before: z.unknown().meta({ description: 'As the API showed it before the change.', examples: [null] }),
    after: z.unknown().meta({ description: 'As the API shows it since.', examples: [{ name: 'Nightly' }] }),
    ip_address: z
      .string()
      .nullable()
      .meta({ examples: ['203.0.113.7'] }),
    request_id: idAnswer('req').nullable(),
    created_at: timeAnswer,
  })
  .meta({ title: 'AuditEntry' });

/** The number of the last entry of a page. */
const seqCursor = z.int().positive();

const listQuery = auditQuery(pageQuery);

/**
 * The route over the organization's audit log, newest first: its changes, or the requests of its credentials. A test
 * credential sees what test credentials did.
 */
export function auditLogRoutes(db: Queryable, declared: AuditLog): Route[] {
  return [
    route({
      method: 'get',
      path: declared.path,
      scope: declared.scope,
      summary: 'List audit entries',
      tag: 'Audit log',
      answer: z.union([auditEntry, requestAnswer]),
      list: true,
      query: listQuery,
      async handle({ caller, query }) {
        const page = query.kind === 'changes' ? changes(db, caller, query) : requests(db, caller, query);
        return { status: 200, page: await page };
      },
    }),
  ];
}

type ListQuery = z.infer<typeof listQuery>;

async function changes(db: Queryable, caller: Caller, query: ListQuery) {
  const entries = await listAuditEntries(db, caller.organizationId, {
    limit: query.limit + 1,
    cursor: decodeCursor(query.cursor, () => seqCursor),
    ...auditFiltersOf(caller, query),
  });
  const { items, nextCursor } = toPage(entries, query.limit, ({ seq }) => seq);
  return { items: items.map(present), nextCursor };
}

async function requests(db: Queryable, caller: Caller, query: ListQuery) {
  const found = await listRequests(db, caller.organizationId, {
    limit: query.limit + 1,
    cursor: decodeCursor(query.cursor, () => requestCursor),
    ...requestFiltersOf(caller, query),
  });
  const { items, nextCursor } = toPage(found, query.limit, ({ id }) => id);
  return { items: items.map(presentRequest), nextCursor };
}

function present(entry: AuditEntry): z.infer<typeof auditEntry> {
  return {
    id: entry.id,
    action: entry.action,
    mode: entry.mode,
    actor: { type: entry.actorType, id: entry.actorId },
    client_id: entry.clientId ?? null,
    target: { type: entry.targetType, id: entry.targetId },
    before: JSON.parse(entry.before),
    after: JSON.parse(entry.after),
    ip_address: entry.ipAddress,
    request_id: entry.requestId,
    created_at: wireTime(entry.createdAt),
  };
}

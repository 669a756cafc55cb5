import { z } from 'zod';
import type { AuditLog } from '#catalog';
import { findAuditHead, type Queryable, readAuditEntries, readRequests } from '#store';
import type { Caller } from '../caller.ts';
import { auditFiltersOf, auditQuery, requestFiltersOf } from './audit-filters.ts';
import { auditCsv, auditLines } from './audit-formats.ts';
import { requestCsv, requestLines } from './request-formats.ts';
import { type Route, route } from './route.ts';

const formats = {
  csv: { mediaType: 'text/csv', changes: auditCsv, requests: requestCsv },
  jsonl: { mediaType: 'application/x-ndjson', changes: auditLines, requests: requestLines },
} as const;

const exportQuery = auditQuery({ format: z.enum(['csv', 'jsonl']).default('csv') });

/**
 * The route that exports the audit log, its changes or the requests, as one file, oldest first, as it stood when the
 * request came.
 */
export function auditExportRoutes(db: Queryable, { path, scope, exportPlans }: AuditLog): Route[] {
  return [
    route({
      method: 'get',
      path: `${path}/export`,
      scope,
      summary: 'Export the audit log',
      tag: 'Audit log',
      answer: z.string(),
      files: Object.values(formats).map(({ mediaType }) => mediaType),
      plans: exportPlans,
      query: exportQuery,
      async handle({ caller, query }) {
        const format = formats[query.format];
        const [name, content] =
          query.kind === 'changes'
            ? ['audit', format.changes(await changes(db, caller, query))]
            : ['api-activity', format.requests(requests(db, caller, query))];
        const file = { name: `${name}.${query.format}`, mediaType: format.mediaType, content };
        return { status: 200, file };
      },
    }),
  ];
}

type ExportQuery = z.infer<typeof exportQuery>;

async function changes(db: Queryable, caller: Caller, query: ExportQuery) {
  const head = await findAuditHead(db, caller.organizationId);
  const filters = { ...auditFiltersOf(caller, query), last: head?.seq ?? 0 };
  return readAuditEntries(db, caller.organizationId, filters);
}

/** Up to now, if no earlier end is given: an export that chased the requests that come meanwhile might never end. */
function requests(db: Queryable, caller: Caller, query: ExportQuery) {
  const { to, ...filters } = requestFiltersOf(caller, query);
  const now = Date.now();
  const end = to !== undefined && Date.parse(to) < now ? to : new Date(now).toISOString();
  return readRequests(db, caller.organizationId, { ...filters, to: end });
}

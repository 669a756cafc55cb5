import { z } from 'zod';
import { type AuditLog, Problem } from '#catalog';
import { findAuditHead, type Queryable, readAuditEntries } from '#store';
import { auditFilterQuery, auditFiltersOf } from './audit-filters.ts';
import { auditCsv, auditLines } from './audit-formats.ts';
import { type Route, route } from './route.ts';

const formats = {
  csv: { mediaType: 'text/csv', write: auditCsv },
  jsonl: { mediaType: 'application/x-ndjson', write: auditLines },
} as const;

/** The route that exports the audit log as one file, oldest entry first, as it stood when the request came. */
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
      problems: ['plan_required'],
      query: z.strictObject({ format: z.enum(['csv', 'jsonl']).default('csv'), ...auditFilterQuery }),
      async handle({ caller, query }) {
        if (exportPlans && !exportPlans.includes(caller.plan)) {
          const plans = exportPlans.join(' or ');
          throw new Problem('plan_required', `Exports of the audit log come with the plan ${plans}.`);
        }
        const { mediaType, write } = formats[query.format];
        const head = await findAuditHead(db, caller.organizationId);
        const filters = { ...auditFiltersOf(caller, query), last: head?.seq ?? 0 };
        const content = write(readAuditEntries(db, caller.organizationId, filters));
        return { status: 200, file: { name: `audit.${query.format}`, mediaType, content } };
      },
    }),
  ];
}

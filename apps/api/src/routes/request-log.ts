import { Problem, type RequestLog } from '#catalog';
import { findRequest, type Queryable, type RequestRecord } from '#store';
import { presentRequest, requestAnswer } from './request-answers.ts';
import { type Route, route } from './route.ts';

/**
 * The route that tells how a request of the organization's went, by the id in its `X-Request-Id`, and why it was
 * denied. `findUnwritten` has the records that are not in the database yet. A test credential sees what test
 * credentials sent.
 */
export function requestLogRoutes(
  db: Queryable,
  findUnwritten: (id: string) => RequestRecord | null,
  { path, scope }: RequestLog,
): Route[] {
  return [
    route({
      method: 'get',
      path: `${path}/:id`,
      scope,
      summary: 'Get a request',
      tag: 'Requests',
      answer: requestAnswer,
      async handle({ caller: { organizationId, mode }, params: [id = ''] }) {
        const found = findUnwritten(id) ?? (await findRequest(db, organizationId, id));
        const visible = found?.organizationId === organizationId && (mode === 'live' || found.mode === mode);
        if (!visible) throw new Problem('not_found', `no request ${id}`);
        return { status: 200, body: presentRequest(found) };
      },
    }),
  ];
}

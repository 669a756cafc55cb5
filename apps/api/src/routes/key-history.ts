import { z } from 'zod';
import type { KeyHistory } from '#catalog';
import { listRequests, type Queryable } from '#store';
import { findKey } from './api-key-access.ts';
import { decodeCursor, pageQuery, toPage } from './list-page.ts';
import { presentRequest, requestAnswer, requestCursor } from './request-answers.ts';
import { type Route, route } from './route.ts';

/** The route over the requests that came with a key, newest first; with a revoked one, too. */
export function keyHistoryRoutes(db: Queryable, { path, scope }: KeyHistory): Route[] {
  return [
    route({
      method: 'get',
      path: `${path}/:id/requests`,
      scope,
      summary: 'List the requests of an API key',
      tag: 'API keys',
      answer: requestAnswer,
      list: true,
      query: z.strictObject(pageQuery),
      async handle(request) {
        const { query, caller } = request;
        const { id: keyId } = await findKey(db, request);
        const found = await listRequests(db, caller.organizationId, {
          keyId,
          limit: query.limit + 1,
          cursor: decodeCursor(query.cursor, () => requestCursor),
        });
        const { items, nextCursor } = toPage(found, query.limit, ({ id }) => id);
        return { status: 200, page: { items: items.map(presentRequest), nextCursor } };
      },
    }),
  ];
}

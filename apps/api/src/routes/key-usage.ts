import type { KeyUsage } from '#catalog';
import { type Queryable, sumRequests } from '#store';
import { findKey } from './api-key-access.ts';
import { type Route, route } from './route.ts';

/** The route that tells how much a key has been used, in the product's own shape; a revoked one, too. */
export function keyUsageRoutes(db: Queryable, { path, scope, usage }: KeyUsage): Route[] {
  return [
    route({
      method: 'get',
      path: `${path}/:id/usage`,
      scope,
      summary: 'Get the usage of an API key',
      tag: 'API keys',
      answer: usage.answer,
      async handle(request) {
        const { id: keyId, lastUsedAt, lastUsedIp } = await findKey(db, request);
        const { today, thisMonth } = await sumRequests(db, keyId, new Date().toISOString());
        const sums = { requestsToday: today, requestsThisMonth: thisMonth };
        return { status: 200, body: usage.present({ keyId, ...sums, lastUsedAt, lastUsedIp }) };
      },
    }),
  ];
}

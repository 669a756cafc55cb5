import { z } from 'zod';
import { type KeyStatistics, wireTime } from '#catalog';
import { countRequestsByAddress, countRequestsByEndpoint, type Queryable } from '#store';
import { findKey } from './api-key-access.ts';
import { type Route, route } from './route.ts';
import { idAnswer, timeAnswer } from './wire-schemas.ts';

const days = 30;
const dayMs = 86_400_000;
const maxAddresses = 100;

const errorRate = z.number().meta({
  description: 'The share of requests that were answered with 400 or more: 0 to 1.',
  examples: [0.0214],
});
const requests = z.int().meta({ examples: [1247] });

const statisticsAnswer = z
  .object({
    key_id: idAnswer('key'),
    from: timeAnswer.meta({ description: `The start of ${days} days of UTC, of which today is the last.` }),
    total_requests: requests,
    error_rate: errorRate,
    last_used_at: timeAnswer.nullable(),
    endpoints: z.array(
      z.object({
        method: z.string().meta({ examples: ['GET'] }),
        route: z
          .string()
          .nullable()
          .meta({ description: 'Null where no route has the path.', examples: ['/v1/vaults'] }),
        requests,
        error_rate: errorRate,
      }),
    ),
    ip_addresses: z
      .array(
        z.object({
          ip_address: z.string().meta({ examples: ['203.0.113.7'] }),
          requests,
          last_used_at: timeAnswer,
        }),
      )
      .meta({ description: `The ${maxAddresses} with the most requests.` }),
  })
  .meta({ title: 'KeyStatistics' });

/** The route over what a key was used for in the last 30 days, today included; a revoked one, too. */
export function keyStatisticsRoutes(db: Queryable, { path, scope }: KeyStatistics): Route[] {
  return [
    route({
      method: 'get',
      path: `${path}/:id/statistics`,
      scope,
      summary: 'Get the statistics of an API key',
      tag: 'API keys',
      answer: statisticsAnswer,
      async handle(request) {
        const { id, lastUsedAt } = await findKey(db, request);
        const today = Date.now() - (Date.now() % dayMs);
        const from = new Date(today - (days - 1) * dayMs).toISOString();
        const endpoints = await countRequestsByEndpoint(db, id, from);
        const addresses = await countRequestsByAddress(db, id, { from, limit: maxAddresses });
        const total = endpoints.reduce((sum, each) => sum + each.requests, 0);
        const errors = endpoints.reduce((sum, each) => sum + each.errors, 0);
        return {
          status: 200,
          body: {
            key_id: id,
            from: wireTime(from),
            total_requests: total,
            error_rate: shareOf(errors, total),
            last_used_at: lastUsedAt && wireTime(lastUsedAt),
            endpoints: endpoints.map(({ method, route, requests, errors }) => ({
              method,
              route,
              requests,
              error_rate: shareOf(errors, requests),
            })),
            ip_addresses: addresses.map(({ ipAddress, requests, lastUsedAt }) => ({
              ip_address: ipAddress,
              requests,
              last_used_at: wireTime(lastUsedAt),
            })),
          },
        };
      },
    }),
  ];
}

/** To four digits. */
function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000;
}

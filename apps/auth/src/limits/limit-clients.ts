import type { RequestHandler } from 'express';
import { rateLimit, type Store } from 'express-rate-limit';
import { Problem } from '#catalog';
import { clientNetwork } from '#http';
import { waitSeconds } from './wait-seconds.ts';

/** How much the endpoints where clients authenticate take from one address. */
export interface ClientLimits {
  requestsPerMinute: number;
  /** Requests whose client could not be authenticated, in five minutes. */
  failuresPerFiveMinutes: number;
}

export const defaultClientLimits: ClientLimits = { requestsPerMinute: 6_000, failuresPerFiveMinutes: 100 };

/** The endpoints where a client's secret can be tried. */
export const clientEndpoints: readonly string[] = [
  '/oauth/token',
  '/oauth/revoke',
  '/oauth/introspect',
  '/oauth/device_authorization',
  '/oauth/par',
];

/**
 * Counts requests of clients under their address, and those that failed for want of authentication (401) once more.
 * A failure is counted when it is known, so that a server with many requests under way is not taken for one that guesses.
 * Problem: `rate_limited`.
 */
export function limitClients(
  { requestsPerMinute, failuresPerFiveMinutes }: ClientLimits,
  storeOf: (prefix: string) => Store,
): RequestHandler[] {
  const limit = (name: string, limit: number, seconds: number) =>
    rateLimit({
      windowMs: seconds * 1000,
      limit,
      keyGenerator: clientNetwork,
      store: storeOf(`${name}:`),
      standardHeaders: false,
      legacyHeaders: false,
      validate: false,
      handler: (request, _response, next) => next(tooMany(waitSeconds(request, seconds))),
    });
  const failures = limit('client-failures', failuresPerFiveMinutes, 5 * 60);

  return [
    limit('client-requests', requestsPerMinute, 60),
    async (request, response, next) => {
      const known = await failures.getKey(clientNetwork(request));
      if (known && known.totalHits >= failuresPerFiveMinutes) {
        throw tooMany(waitSeconds({ rateLimit: known }, 5 * 60));
      }
      response.once('finish', () => {
        if (response.statusCode === 401) failures(request, response, () => {});
      });
      next();
    },
  ];
}

function tooMany(retryAfterSeconds: number): Problem {
  const wait = retryAfterSeconds === 1 ? 'a second' : `${retryAfterSeconds} seconds`;
  return new Problem('rate_limited', `Too many requests. Wait ${wait}, then try again.`, {
    retryAfterSeconds,
  });
}

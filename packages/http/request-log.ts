import type { RequestHandler } from 'express';
import { clientAddress } from './client-address.ts';
import type { Logger } from './logger.ts';
import { requestIdOf } from './request-id.ts';

/** One line a request, when its answer has been sent. The query is left out: it may hold a code or a name. */
export function logRequests(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const { method, path } = request;
    response.once('close', () => {
      const durationMs = Math.round(performance.now() - startedAt);
      const facts = {
        requestId: requestIdOf(response),
        method,
        path,
        status: response.statusCode,
        durationMs,
      };
      logger.info({ ...facts, ip: clientAddress(request) }, 'request');
    });
    next();
  };
}

export { Registry as Metrics } from 'prom-client';
export {
  clientAddress,
  clientNetwork,
  isAddressAllowed,
  normaliseAddress,
  normaliseRange,
  setClientAddress,
} from './client-address.ts';
export { readConfig, settings } from './config.ts';
export { healthRoute } from './health.ts';
export { jsonBody, refuseUnstorable } from './json-body.ts';
export { listen, type RunningServer } from './listen.ts';
export { createLogger, type Logger } from './logger.ts';
export { isPublicAddress, outsideFetch } from './outside-fetch.ts';
export { errorBody, problemHandler, problemOf, proofAlgorithms } from './problem-handler.ts';
export { recordUses } from './record-uses.ts';
export { connectRedis, type Redis } from './redis.ts';
export { assignRequestId, newRequestId, requestIdOf } from './request-id.ts';
export { logRequests } from './request-log.ts';
export { runApp } from './run-app.ts';
export { serveMetrics } from './serve-metrics.ts';

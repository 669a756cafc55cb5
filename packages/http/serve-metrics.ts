import express from 'express';
import { collectDefaultMetrics, type Registry } from 'prom-client';
import { Problem, type Product } from '#catalog';
import { listen, type RunningServer } from './listen.ts';
import type { Logger } from './logger.ts';
import { problemHandler } from './problem-handler.ts';

/**
 * Serves what a process counts about itself, under names that begin with `keystile_`: `GET /metrics`, on a port of its own, since it asks for no credential and the public has no business there;
 * nothing without a port. Adds Node's own figures. Throws an Error of one line when the port is taken.
 */
export async function serveMetrics(
  metrics: Registry,
  {
    port,
    host,
    product,
    logger,
  }: { port: number | undefined; host: string; product: Product; logger: Logger },
): Promise<RunningServer | null> {
  if (port === undefined) return null;
  collectDefaultMetrics({ register: metrics, prefix: 'keystile_' });
  const app = express().disable('x-powered-by');
  app.get('/metrics', async (_request, response) => {
    response.setHeader('Content-Type', metrics.contentType);
    response.send(await metrics.metrics());
  });
  app.use(() => {
    throw new Problem('not_found', 'no such route');
  });
  app.use(problemHandler(product, logger));
  return listen(app, { port, host, product });
}

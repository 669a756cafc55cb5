import type { RequestHandler } from 'express';

/** 200 while `check` (a query, say) resolves, 503 while it does not: for a load balancer, without a credential. */
export function healthRoute(check: () => Promise<unknown>): RequestHandler {
  return async (_request, response) => {
    const healthy = await check().then(
      () => true,
      () => false,
    );
    response.setHeader('Cache-Control', 'no-store');
    response
      .status(healthy ? 200 : 503)
      .json({ status: healthy ? 'healthy' : 'unhealthy', timestamp: new Date().toISOString() });
  };
}

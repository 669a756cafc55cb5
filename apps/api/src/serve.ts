import { type RequestHandler, type Response, Router } from 'express';
import type { Product } from '#catalog';
import { jsonBody, requestIdOf } from '#http';
import { callerOf } from './caller.ts';
import { requireScopeOf } from './credentials/require-scope.ts';
import { methodNotAllowed } from './routes/find-route.ts';
import { apiRequest, type Reply, type Route } from './routes/route.ts';

/** Serves a route table: for each route its scope, then its body, then its handler; 405 for other methods. */
export function serve(product: Product, routes: readonly Route[], apiUrl: string): Router {
  const router = Router({ caseSensitive: true });
  for (const { method, path, scope, body, handle } of routes) {
    const steps = [requireScope(product, scope), ...(body ? jsonBody() : [])];
    router[method](path, ...steps, async (request, response) => {
      const reply = await handle(apiRequest(request, requestIdOf(response)));
      send(response, product, reply, new URL(request.originalUrl, apiUrl));
    });
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    router.all(path, refuseMethod(routes.filter((route) => route.path === path)));
  }
  return router;
}

function requireScope(product: Product, scope: string | null): RequestHandler {
  return (request, _response, next) => {
    requireScopeOf(product, callerOf(request), scope);
    next();
  };
}

function refuseMethod(routes: readonly Route[]): RequestHandler {
  return (request) => {
    throw methodNotAllowed(routes, request.method);
  };
}

function send(response: Response, product: Product, reply: Reply, url: URL): void {
  response.setHeader('Cache-Control', 'no-store');
  response.status(reply.status);
  if ('etag' in reply) response.setHeader('ETag', reply.etag);
  if ('page' in reply) {
    const { nextCursor } = reply.page;
    if (product.wire.linkHeader && nextCursor !== null) {
      url.searchParams.set('cursor', nextCursor);
      response.setHeader('Link', `<${url.href}>; rel="next"`);
    }
    response.json(product.wire.list(reply.page));
  } else if ('body' in reply) {
    response.json(reply.body);
  } else {
    response.end();
  }
}

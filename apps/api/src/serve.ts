import { type RequestHandler, type Response, Router } from 'express';
import type { Product } from '#catalog';
import { jsonBody, requestIdOf } from '#http';
import type { Database } from '#store';
import { callerOf } from './caller.ts';
import { requireScopeOf } from './credentials/require-scope.ts';
import { runOnce } from './idempotency/run-once.ts';
import { methodNotAllowed } from './routes/find-route.ts';
import { apiRequest, type Reply, type Route } from './routes/route.ts';

/**
 * Serves a route table: for each route its scope, then its body, then its handler, a POST's only once for an
 * idempotency key; 405 for other methods. `db` is the joining database that the routes were made with.
 */
export function serve(db: Database, product: Product, routes: readonly Route[], apiUrl: string): Router {
  const once = runOnce(db, product);
  const router = Router({ caseSensitive: true });
  for (const { method, path, scope, body, handle } of routes) {
    const readsBody = body !== null || (method === 'post' && product.idempotency !== undefined);
    const steps = [requireScope(product, scope), ...(readsBody ? jsonBody() : [])];
    router[method](path, ...steps, async (request, response) => {
      const work = () => handle(apiRequest(request, requestIdOf(response)));
      const reply = await (method === 'post' ? once(request, response, work) : work());
      send(response, product, reply, () => new URL(request.originalUrl, apiUrl));
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

function send(response: Response, product: Product, reply: Reply, urlOf: () => URL): void {
  response.setHeader('Cache-Control', 'no-store');
  response.status(reply.status);
  if ('etag' in reply) response.setHeader('ETag', reply.etag);
  if ('page' in reply) {
    const { nextCursor } = reply.page;
    if (product.wire.linkHeader && nextCursor !== null) {
      const url = urlOf();
      url.searchParams.set('cursor', nextCursor);
      response.setHeader('Link', `<${url.href}>; rel="next"`);
    }
    sendJson(response, product.wire.list(reply.page));
  } else if ('body' in reply) {
    sendJson(response, reply.body);
  } else {
    response.end();
  }
}

/** As Express' `json`, in one write: that copies larger texts into a buffer, which is sent beside the headers. */
function sendJson(response: Response, body: unknown): void {
  const text = JSON.stringify(body);
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text, 'utf8');
}

import { type RequestHandler, type Response, Router } from 'express';
import type { Product } from '#catalog';
import { jsonBody, requestIdOf } from '#http';
import type { Database } from '#store';
import { callerOf } from './caller.ts';
import { requireRights } from './credentials/require-rights.ts';
import { runOnce } from './idempotency/run-once.ts';
import { limitStranger } from './limits/limit-requests.ts';
import type { Limiter } from './limits/limiter.ts';
import { methodNotAllowed } from './routes/find-route.ts';
import { isKeyed, type Reply, type Route, readsBody } from './routes/route.ts';
import { sendFile } from './send-file.ts';

export interface ServeDependencies {
  /** The joining database that the routes were made with. */
  db: Database;
  product: Product;
  limiter: Limiter;
  apiUrl: string;
}

/**
 * Serves routes: for each its rights, or a stranger's limit where it is open, then its body, then its handler, a
 * caller's POST only once for an idempotency key; 405 for other methods.
 */
export function serve({ db, product, limiter, apiUrl }: ServeDependencies, routes: readonly Route[]): Router {
  const once = runOnce(db, product);
  const router = Router({ caseSensitive: true });
  for (const route of routes) {
    const { method, path, open, counted, handle } = route;
    const steps = [
      ...(open ? [] : [checkRights(product, route)]),
      ...(open && counted ? [limitStranger(limiter, product)] : []),
      ...(readsBody(product, route) ? jsonBody() : []),
    ];
    router[method](path, ...steps, async (request, response) => {
      const work = () => handle(request, requestIdOf(response));
      const reply = await (isKeyed(route) ? once(request, response, work) : work());
      await send(response, product, route, reply, () => new URL(request.originalUrl, apiUrl));
    });
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    router.all(path, refuseMethod(routes.filter((route) => route.path === path)));
  }
  return router;
}

function checkRights(product: Product, route: Route): RequestHandler {
  return (request, _response, next) => {
    requireRights(product, callerOf(request), route);
    next();
  };
}

function refuseMethod(routes: readonly Route[]): RequestHandler {
  return (request) => {
    throw methodNotAllowed(routes, request.method);
  };
}

async function send(
  response: Response,
  product: Product,
  route: Route,
  reply: Reply,
  urlOf: () => URL,
): Promise<void> {
  response.set({ 'Cache-Control': 'no-store', ...route.headers });
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
  } else if ('file' in reply) {
    await sendFile(response, reply.file);
  } else if ('body' in reply) {
    sendJson(response, reply.body);
  } else if ('text' in reply) {
    response.type(route.mediaType).send(reply.text);
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

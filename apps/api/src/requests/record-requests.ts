import type { RequestHandler } from 'express';
import type { Problem, Product } from '#catalog';
import { clientAddress, problemOf, requestIdOf } from '#http';
import type { RequestRecord } from '#store';
import { senderOf } from '../caller.ts';
import { templateOf } from '../openapi/names.ts';
import { routesAt } from '../routes/find-route.ts';
import type { Route } from '../routes/route.ts';

const maxPathLength = 500;
const maxAgentLength = 300;
/** Of a request whose client went before it was answered; no client ever sees it. */
const clientClosedRequest = 499;

/**
 * Records each request that carries a known credential, good or not, when it has been answered. What belongs to
 * nobody is not recorded: a stranger could fill the disk with it, and nobody might read it.
 */
export function recordRequests(
  product: Product,
  routes: readonly Route[],
  record: (request: RequestRecord) => void,
): RequestHandler {
  const templates = new Map(routes.map(({ path }) => [path, templateOf(path)]));
  const routeOf = (path: string) => {
    const [found] = routesAt(routes, path);
    return (found && templates.get(found.path)) ?? null;
  };
  const scopes = new Map(routes.map(({ method, path, scope }) => [`${method} ${templateOf(path)}`, scope]));
  const clean = cleaner(product);

  return (request, response, next) => {
    const startedAt = performance.now();
    const { method, path } = request;
    const ipAddress = clientAddress(request);
    response.once('close', () => {
      const sender = senderOf(response);
      if (!sender) return;
      const userAgent = request.headers['user-agent'];
      const route = templates.get(request.route?.path) ?? routeOf(path);
      const routeMethod = method === 'HEAD' ? 'get' : method.toLowerCase();
      record({
        ...sender,
        id: requestIdOf(response),
        method,
        route,
        scope: scopes.get(`${routeMethod} ${route}`) ?? null,
        path: clean(path, maxPathLength),
        status: response.headersSent ? response.statusCode : clientClosedRequest,
        ...denialOf(problemOf(response)),
        ipAddress,
        userAgent: userAgent === undefined ? null : clean(userAgent, maxAgentLength),
        durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
      });
    });
    next();
  };
}

/** Why a 401, 403 or 429 was answered. Other problems are the request's own, and their details may quote it. */
function denialOf(problem: Problem | undefined) {
  const denied = problem !== undefined && [401, 403, 429].includes(problem.status);
  return {
    denialRule: denied ? problem.kind : null,
    denialDetail: denied ? problem.message : null,
    denialMend: denied ? (problem.facts.mend ?? null) : null,
  };
}

/**
 * Makes a text of the client's fit to be stored: short, with characters that PostgreSQL takes, and without a key or
 * token that somebody put there by mistake. It is a copy, as a slice would keep the whole text in memory.
 */
function cleaner({ keys: { prefixes } }: Product): (text: string, maxLength: number) => string {
  // Each JWT begins with `eyJ`, which is `{"` in base64.
  const credential = new RegExp(`(${prefixes.live}|${prefixes.test}|eyJ)[\\w.-]+`, 'g');
  return (text, maxLength) =>
    Buffer.from(text.replace(credential, '$1…').slice(0, maxLength).replaceAll('\0', '')).toString();
}

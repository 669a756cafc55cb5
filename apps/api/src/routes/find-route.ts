import { Problem } from '#catalog';
import type { Route } from './route.ts';

/**
 * The route that serves a method and a path, as the router would choose it. Problems: `not_found`,
 * `method_not_allowed`.
 */
export function findRoute(table: readonly Route[], method: string, path: string): Route {
  const atPath = routesAt(table, path);
  if (atPath.length === 0) throw new Problem('not_found', `There is nothing at ${path}.`);
  const wanted = method.toUpperCase() === 'HEAD' ? 'get' : method.toLowerCase();
  const found = atPath.find((route) => route.method === wanted);
  if (!found) throw methodNotAllowed(atPath, method);
  return found;
}

/** The routes that a path has, of whatever method. */
export function routesAt(table: readonly Route[], path: string): Route[] {
  const segments = path.replace(/\/$/, '').split('/');
  // Where two paths fit, the router takes the one that was declared first.
  const first = table.find((route) => {
    const pattern = route.path.split('/');
    return (
      pattern.length === segments.length &&
      pattern.every((part, at) => (part.startsWith(':') ? segments[at] !== '' : part === segments[at]))
    );
  });
  return table.filter((route) => route.path === first?.path);
}

/** The problem of a method that a path does not have, with those it has. */
export function methodNotAllowed(routes: readonly Route[], method: string): Problem {
  const methods = routes.map((route) => route.method.toUpperCase());
  const allow = (methods.includes('GET') ? ['HEAD', ...methods] : methods).toSorted();
  return new Problem('method_not_allowed', `There is no ${method} here, only ${allow.join(', ')}.`, {
    allow,
  });
}

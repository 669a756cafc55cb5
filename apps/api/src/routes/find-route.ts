import { Problem } from '#catalog';
import type { Route } from './route.ts';

/**
 * The route that serves a method and a path below the base path, as the router would choose it. Problems:
 * `not_found`, `method_not_allowed`.
 */
export function findRoute(table: readonly Route[], method: string, path: string): Route {
  const segments = path.replace(/\/$/, '').split('/');
  const fits = (route: Route) => {
    const pattern = route.path.split('/');
    return (
      pattern.length === segments.length &&
      pattern.every((part, at) => (part.startsWith(':') ? segments[at] !== '' : part === segments[at]))
    );
  };
  const atPath = table.filter(fits);
  if (atPath.length === 0) throw new Problem('not_found', `There is nothing at ${path}.`);
  // Where two paths fit, the router takes the one that was declared first.
  const first = atPath.filter((route) => route.path === atPath[0]?.path);
  const wanted = method.toUpperCase() === 'HEAD' ? 'get' : method.toLowerCase();
  const found = first.find((route) => route.method === wanted);
  if (!found) throw methodNotAllowed(first, method);
  return found;
}

/** The problem of a method that a path does not have, with those it has. */
export function methodNotAllowed(routes: readonly Route[], method: string): Problem {
  const methods = routes.map((route) => route.method.toUpperCase());
  const allow = (methods.includes('GET') ? ['HEAD', ...methods] : methods).toSorted();
  return new Problem('method_not_allowed', `There is no ${method} here, only ${allow.join(', ')}.`, {
    allow,
  });
}

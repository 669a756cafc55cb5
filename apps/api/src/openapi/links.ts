import { isKeyed, type Route } from '../routes/route.ts';
import type { Link } from './document.ts';
import { operationId, parametersOf } from './names.ts';

/** What can be asked next about the item that a route has created: each route whose path its answer completes. */
export function linksOf(route: Route, routes: readonly Route[]): Record<string, Link> {
  if (!isKeyed(route) || route.status !== 201) return {};
  const known = parametersOf(route.path);
  const next = routes.filter(
    ({ path }) => path.startsWith(`${route.path}/:`) && parametersOf(path).length === known.length + 1,
  );
  return Object.fromEntries(
    next.map(({ summary, path }) => {
      const sources = [...known.map((name) => `$request.path.${name}`), '$response.body#/id'];
      const parameters = parametersOf(path).map((name, at) => [name, sources[at]]);
      const id = operationId(summary);
      return [id, { operationId: id, parameters: Object.fromEntries(parameters) }];
    }),
  );
}

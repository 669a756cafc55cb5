import { z } from 'zod';
import type { Product } from '#catalog';
import { proofAlgorithms } from '#http';
import { openRoute, type Route } from './route.ts';

const wellKnown = '/.well-known/oauth-protected-resource';

/** Where the metadata of the API at `apiUrl` is: its well-known path stands before the URL's own (RFC 9728 §3.1). */
export function resourceMetadataUrl(apiUrl: string): string {
  const { origin, pathname } = new URL(apiUrl);
  return origin + wellKnown + pathname.replace(/\/$/, '');
}

/**
 * The routes that tell clients who know nothing but the API's URL which authorization server gives tokens for it, and
 * which scopes there are (RFC 9728 §2).
 */
export function protectedResourceRoutes(
  product: Product,
  { apiUrl, authUrl }: { apiUrl: string; authUrl: string },
): Route[] {
  const body = {
    resource: apiUrl,
    authorization_servers: [authUrl],
    scopes_supported: Object.keys(product.scopes),
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: proofAlgorithms,
    resource_name: product.name,
    resource_documentation: `${apiUrl.replace(/\/$/, '')}/docs`,
  };
  const answer = z.object({
    resource: z.string(),
    authorization_servers: z.array(z.string()),
    scopes_supported: z.array(z.string()),
    bearer_methods_supported: z.array(z.string()),
    dpop_signing_alg_values_supported: z.array(z.string()),
    resource_name: z.string(),
    resource_documentation: z.string(),
  });
  // A proxy that serves the API below a path may pass on either.
  const below = new URL(resourceMetadataUrl(apiUrl)).pathname;
  // The first one last, as it is the only one where there is no path.
  const places = {
    [below]: 'Get the metadata of the API below a path',
    [wellKnown]: 'Get the metadata of the API',
  };
  return Object.entries(places).map(([path, summary]) =>
    openRoute({
      method: 'get',
      path,
      summary,
      tag: 'Service',
      counted: false,
      headers: {
        'Cache-Control': 'public, max-age=300',
        // Clients on other origins read it from a browser.
        'Access-Control-Allow-Origin': '*',
        'Cross-Origin-Resource-Policy': 'cross-origin',
      },
      answer: answer.meta({ title: 'ProtectedResource', examples: [body] }),
      handle: async () => ({ status: 200, body }),
    }),
  );
}

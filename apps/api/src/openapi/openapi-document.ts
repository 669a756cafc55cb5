import type { Product } from '#catalog';
import type { Route } from '../routes/route.ts';
import { createComponents } from './components.ts';
import type { OpenApiDocument } from './document.ts';
import { templateOf } from './names.ts';
import { operationOf } from './operation.ts';

/** The contract of a product's API, out of its definition and its route table. */
export function openApiDocument(
  product: Product,
  routes: readonly Route[],
  { apiUrl, authUrl }: { apiUrl: string; authUrl: string },
): OpenApiDocument {
  const components = createComponents(product, authUrl);
  const paths: OpenApiDocument['paths'] = {};
  for (const route of routes) {
    const path = templateOf(route.path);
    paths[path] = { ...paths[path], [route.method]: operationOf(product, route, routes, components) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: `${product.name} API`,
      version: product.basePath.split('/').at(-1) ?? '',
      description: `The API of ${product.name}. Every answer has an \`X-Request-Id\`, and tells how the limits stand.`,
    },
    servers: [{ url: apiUrl.replace(/\/$/, '') }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: components.collected(),
  };
}

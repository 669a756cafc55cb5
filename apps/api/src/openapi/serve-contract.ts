import { createHash } from 'node:crypto';
import { type RequestHandler, Router } from 'express';
import { Problem, type Product } from '#catalog';
import { etagMatches } from '../routes/etag.ts';
import type { Route } from '../routes/route.ts';
import { openApiDocument } from './openapi-document.ts';
import { referencePage } from './reference-page.ts';

/**
 * `/openapi.json` and `/docs`: the contract for machines and for people. Public, not counted, and made once.
 *
 * Problem: `method_not_allowed`.
 */
export function serveContract(
  product: Product,
  routes: readonly Route[],
  urls: { apiUrl: string; authUrl: string },
): Router {
  const document = openApiDocument(product, routes, urls);
  const page = referencePage(product, document);
  const router = Router({ caseSensitive: true, strict: true });
  router.get(
    '/openapi.json',
    cacheable('application/json', JSON.stringify(document), {
      // Tools on other origins read it from a browser.
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
    }),
  );
  router.get(
    '/docs',
    cacheable('text/html', page.html, { 'Content-Security-Policy': page.contentSecurityPolicy }),
  );
  router.all(['/openapi.json', '/docs'], (request) => {
    throw new Problem('method_not_allowed', `no ${request.method}`, { allow: ['GET', 'HEAD'] });
  });
  return router;
}

/** Answers with a text that caches keep for five minutes, and ask about by its ETag (RFC 9110 §13.1.2) after. */
function cacheable(type: string, text: string, headers: Record<string, string>): RequestHandler {
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
  return (request, response) => {
    response.set({ ...headers, ETag: etag, 'Cache-Control': 'public, max-age=300' });
    const known = request.headers['if-none-match'];
    if (known !== undefined && etagMatches(known, etag)) return void response.status(304).end();
    response.type(type).send(text);
  };
}

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Product } from '#catalog';
import { etagMatches } from '../routes/etag.ts';
import { openRoute, type Reply, type Route } from '../routes/route.ts';
import { openApiDocument } from './openapi-document.ts';
import { contentSecurityPolicy, referencePage } from './reference-page.ts';

/** `/openapi.json` and `/docs`: the contract of `others` and of these two, for machines and for people. Made once. */
export function contractRoutes(
  product: Product,
  others: readonly Route[],
  urls: { apiUrl: string; authUrl: string },
): Route[] {
  const common = { method: 'get', tag: 'Service', counted: false, versioned: true } as const;
  const cached = { 'Cache-Control': 'public, max-age=300' };
  const routes = [
    openRoute({
      ...common,
      path: '/openapi.json',
      summary: 'Get the contract',
      answer: z.looseObject({ openapi: z.string() }).meta({ examples: [{ openapi: '3.1.1' }] }),
      headers: {
        ...cached,
        // Tools on other origins read it from a browser.
        'Access-Control-Allow-Origin': '*',
        'Cross-Origin-Resource-Policy': 'cross-origin',
      },
      handle: async ({ ifNoneMatch }) => contract(ifNoneMatch),
    }),
    openRoute({
      ...common,
      path: '/docs',
      summary: 'Get the reference page',
      answer: z.string().meta({ examples: ['<!doctype html>…'] }),
      mediaType: 'text/html',
      headers: { ...cached, 'Content-Security-Policy': contentSecurityPolicy },
      handle: async ({ ifNoneMatch }) => page(ifNoneMatch),
    }),
  ];
  const document = openApiDocument(product, [...others, ...routes], urls);
  const contract = replyOf(JSON.stringify(document));
  const page = replyOf(referencePage(product, document));
  return routes;
}

/** A text by its ETag (RFC 9110 §13.1.2): not sent again to who has it. */
function replyOf(text: string): (ifNoneMatch: string | undefined) => Reply<never> {
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
  return (known) =>
    known !== undefined && etagMatches(known, etag) ? { status: 304, etag } : { status: 200, text, etag };
}

import { z } from 'zod';
import { modes, type Product } from '#catalog';
import { apiKeyPattern } from '#crypto';
import { openRoute, type Route } from './route.ts';

const pattern = z.object({ name: z.string(), type: z.string(), prefix: z.string(), regex: z.string() });

/** The route that tells secret scanners how to find the product's keys, to sort out look-alikes, and to report. */
export function secretScanning(product: Product, reportUrl: string): Route {
  const body = {
    patterns: modes.map((mode) => ({
      name: `${product.name} API key (${mode})`,
      type: `${product.slug}_api_key_${mode}`,
      prefix: product.keys.prefixes[mode],
      regex: apiKeyPattern(product.keys.prefixes[mode]),
    })),
    checksum: {
      algorithm: 'CRC-32 (as in zlib)',
      over: 'all characters before the last 6',
      encoding: 'base62 with the digits 0-9, A-Z, a-z, the highest first, padded with 0 to 6 characters',
    },
    report: { method: 'POST', url: reportUrl, body: { key: 'the key', url: 'where it was found, if known' } },
  };
  return openRoute({
    method: 'get',
    path: '/.well-known/secret-scanning.json',
    summary: 'Get the patterns of keys',
    tag: 'Leaked keys',
    counted: false,
    headers: { 'Cache-Control': 'public, max-age=3600' },
    answer: z
      .object({
        patterns: z.array(pattern),
        checksum: z.object({ algorithm: z.string(), over: z.string(), encoding: z.string() }),
        report: z.object({
          method: z.string(),
          url: z.string(),
          body: z.object({ key: z.string(), url: z.string() }),
        }),
      })
      .meta({ title: 'SecretScanning', examples: [body] }),
    handle: async () => ({ status: 200, body }),
  });
}

import type { RequestHandler } from 'express';
import { modes, type Product } from '#catalog';
import { apiKeyPattern } from '#crypto';

/** What a secret scanner needs to find the product's keys, to sort out look-alikes, and to report what it found. */
export function secretScanning(product: Product, reportUrl: string): RequestHandler {
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
  return (_request, response) => {
    response.setHeader('Cache-Control', 'public, max-age=3600');
    response.json(body);
  };
}

import { z } from 'zod';
import type { LeakedKeyReports, Product } from '#catalog';
import { hashSecret, parseApiKey } from '#crypto';
import { type Database, enqueueLeakReport } from '#store';
import { openRoute, type Route } from './route.ts';
import { secretScanning } from './secret-scanning.ts';

const report = z.strictObject({
  key: z
    .string()
    .trim()
    .min(1)
    .max(1_000)
    .meta({ examples: ['a key that was found'] }),
  /** Where it was found. */
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .meta({ examples: ['https://example.com/paste/1'] })
    .optional(),
});

/**
 * The route that takes the report of a key found in public, from anyone, and the one that tells scanners what to
 * look for. The worker then pauses or revokes the key, as its organization has chosen. The answer, and the time that it
 * takes, are the same whether there is such a key or not: nobody looks before it is given.
 */
export function leakedKeyRoutes(
  db: Database,
  product: Product,
  { path }: LeakedKeyReports,
  apiUrl: string,
): Route[] {
  return [
    openRoute({
      method: 'post',
      path,
      summary: 'Report a leaked key',
      tag: 'Leaked keys',
      counted: true,
      body: report,
      answer: z.object({ status: z.literal('received') }),
      status: 202,
      async handle({ body: { key, url }, requestId, ipAddress }) {
        if (parseApiKey(key, product.keys.prefixes)) {
          // The key may stand in the address itself.
          const foundAt = url?.replaceAll(key, '…') ?? null;
          const hash = hashSecret(key).toString('hex');
          await enqueueLeakReport(db, { hash, foundAt, requestId, ipAddress });
        }
        return { status: 202, body: { status: 'received' as const } };
      },
    }),
    secretScanning(product, apiUrl + path),
  ];
}

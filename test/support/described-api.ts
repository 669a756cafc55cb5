import { loadProduct, type Product } from '#catalog';
import { memoryLimiter } from '../../apps/api/src/limits/memory-limiter.ts';
import { openApiDocument } from '../../apps/api/src/openapi/openapi-document.ts';
import { routeTable } from '../../apps/api/src/routes/route-table.ts';
import { startApi } from './start-api.ts';
import { createTestDatabase } from './test-database.ts';
import { withRoom } from './with-room.ts';

/** Serves a product without limits, changed by `more`, with its route table and its document as they are made there. */
export async function startDescribedApi(slug: string, more: Partial<Product> = {}) {
  const product = { ...withRoom(await loadProduct(slug)), ...more };
  const db = await createTestDatabase();
  const { origin } = await startApi({ db, product });
  const urls = { apiUrl: origin, authUrl: 'http://127.0.0.1:1' };
  const routes = routeTable({
    ...{ db, product, ...urls, encryptionKey: '0'.repeat(64) },
    limiter: memoryLimiter(),
    findUnwritten: () => null,
  });
  return { product, db, origin, routes, document: openApiDocument(product, routes, urls) };
}

/** The products whose documents are tested: those of the catalogue, and one that takes idempotency keys in bodies. */
export const describedApis = {
  vaultwares: () => startDescribedApi('vaultwares'),
  torvus: () => startDescribedApi('torvus'),
  'a product with keys in bodies': () =>
    startDescribedApi('vaultwares', { idempotency: { bodyField: 'idempotencyKey' } }),
};

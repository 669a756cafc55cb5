import { Router } from 'express';
import { Problem, type Product } from '#catalog';
import { jsonBody } from '#http';
import type { Database } from '#store';
import { limitStranger } from '../limits/limit-requests.ts';
import type { Limiter } from '../limits/limiter.ts';
import { reportLeakedKey } from './report-leaked-key.ts';
import { secretScanning } from './secret-scanning.ts';

/** The routes that take no credential, counted by address. */
export function publicRoutes({
  product,
  db,
  limiter,
  apiUrl,
}: {
  product: Product;
  db: Database;
  limiter: Limiter;
  apiUrl: string;
}): Router {
  const router = Router({ caseSensitive: true });
  const declared = product.capabilities.find((each) => each.capability === 'leakedKeyReports');
  if (!declared) return router;

  const path = product.basePath + declared.path;
  router
    .route(path)
    .all(limitStranger(limiter, product))
    .post(...jsonBody(), reportLeakedKey(db, product))
    .all((request) => {
      throw new Problem('method_not_allowed', `no ${request.method}`, { allow: ['POST'] });
    });
  router.get('/.well-known/secret-scanning.json', secretScanning(product, apiUrl + path));
  return router;
}

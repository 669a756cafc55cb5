import express, { type Express, type RequestHandler } from 'express';
import { Problem, type Product } from '#catalog';
import { assignRequestId, type Logger, logRequests, problemHandler } from '#http';
import { type Database, joiningDatabase } from '#store';
import { authenticate, checkAddress } from './credentials/authenticate.ts';
import { confirmRotation } from './credentials/confirm-rotation.ts';
import type { KeyUses } from './credentials/key-uses.ts';
import { checkOrganization } from './credentials/named-organization.ts';
import { accessTokenVerifier } from './credentials/verify-access-token.ts';
import { proofVerifier } from './credentials/verify-proof.ts';
import { limitCaller, limitRefused } from './limits/limit-requests.ts';
import type { Limiter } from './limits/limiter.ts';
import { recordRequests } from './requests/record-requests.ts';
import type { RequestBuffer } from './requests/request-buffer.ts';
import { resourceMetadataUrl } from './routes/protected-resource.ts';
import { routeTable } from './routes/route-table.ts';
import { serve } from './serve.ts';

export interface ApiDependencies {
  product: Product;
  db: Database;
  limiter: Limiter;
  keyUses: KeyUses;
  requests: RequestBuffer;
  logger: Logger;
  /** Where clients reach this API: the audience of its access tokens. */
  apiUrl: string;
  /** The issuer of its access tokens. */
  authUrl: string;
  /** The authorization server's, too: 32 bytes as 64 hexadecimal characters. */
  encryptionKey: string;
  trustedProxies: readonly string[];
}

/** The resource API of one product: the way of every request, from top to bottom. */
export function createApi({
  product,
  db,
  limiter,
  keyUses,
  requests,
  logger,
  apiUrl,
  authUrl,
  encryptionKey,
  trustedProxies,
}: ApiDependencies): Express {
  const verify = accessTokenVerifier(db.pipeline, { issuer: authUrl, audience: apiUrl });
  const serving = { db: joiningDatabase(db), product, limiter, apiUrl };
  const routes = routeTable({
    ...serving,
    authUrl,
    findUnwritten: requests.find,
    encryptionKey,
  });
  const app = express();
  app
    .disable('x-powered-by')
    .disable('etag')
    .set('trust proxy', [...trustedProxies]);

  app.use(assignRequestId());
  app.use(logRequests(logger));
  app.use(recordRequests(product, routes, requests.add));
  app.use(securityHeaders());

  app.use(
    serve(
      serving,
      routes.filter(({ open }) => open),
    ),
  );
  app.use(
    product.basePath,
    authenticate(db.pipeline, product, { verify, proofs: proofVerifier(db), apiUrl }),
  );
  app.use(product.basePath, checkAddress());
  app.use(product.basePath, limitCaller(limiter));
  app.use(product.basePath, checkOrganization(product));
  app.use(product.basePath, confirmRotation(db));
  app.use(product.basePath, keyUses.record);
  app.use(
    serve(
      serving,
      routes.filter(({ open }) => !open),
    ),
  );

  app.use(() => {
    throw new Problem('not_found', 'no such route');
  });
  app.use(limitRefused(limiter, product));
  app.use(problemHandler(product, logger, resourceMetadataUrl(apiUrl)));
  return app;
}

/** An API's answers are data: never a page, a script, a frame or a guess at what they might be. */
function securityHeaders(): RequestHandler {
  const headers = {
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
    'X-Content-Type-Options': 'nosniff',
  };
  return (_request, response, next) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    next();
  };
}

import { afterAll } from '@jest/globals';
import type { Express } from 'express';
import type { Product } from '#catalog';
import { createLogger, listen } from '#http';
import type { Database } from '#store';
import { createApi } from '../../apps/api/src/app.ts';
import { recordKeyUses } from '../../apps/api/src/credentials/key-uses.ts';
import type { Limiter } from '../../apps/api/src/limits/limiter.ts';
import { memoryLimiter } from '../../apps/api/src/limits/memory-limiter.ts';
import { type RequestBuffer, requestBuffer } from '../../apps/api/src/requests/request-buffer.ts';

export interface StartedApi {
  /** With the product's base path. */
  url: string;
  origin: string;
  /** Writes the last uses of keys now, which else come within a second. */
  flushKeyUses(): Promise<void>;
  requests: RequestBuffer;
}

export interface StartApiOptions {
  db: Database;
  product: Product;
  limiter?: Limiter;
  trustedProxies?: string[];
  authUrl?: string;
  /** 64 hexadecimal characters; the authorization server's own. */
  encryptionKey?: string;
  /** Another URL than its own to call itself by. */
  apiUrl?: string;
  /** A port of one's own choice, when the other side has to know it first. */
  port?: number;
}

/** Serves a product's API on a free loopback port until the test file ends. */
export async function startApi({ db, product, ...options }: StartApiOptions): Promise<StartedApi> {
  // The API knows its own URL, so the port comes first and the app after it.
  let app: Express | undefined;
  const server = await listen((request, response) => app?.(request, response), {
    port: options.port ?? 0,
    host: '127.0.0.1',
    product,
  });
  const origin = `http://127.0.0.1:${server.port}`;
  const limiter = options.limiter ?? memoryLimiter();
  const logger = createLogger('api', process.env.TEST_LOG_LEVEL ?? 'silent');
  const keyUses = recordKeyUses(db, logger);
  const requests = requestBuffer(db, logger);
  app = createApi({
    product,
    db,
    limiter,
    keyUses,
    requests,
    logger,
    apiUrl: options.apiUrl ?? origin,
    authUrl: options.authUrl ?? 'http://127.0.0.1:1',
    encryptionKey: options.encryptionKey ?? '0'.repeat(64),
    trustedProxies: options.trustedProxies ?? [],
  });
  afterAll(async () => {
    await server.close();
    await Promise.all([keyUses.close(), requests.close()]);
    await limiter.close();
  });
  return { url: origin + product.basePath, origin, flushKeyUses: keyUses.flush, requests };
}

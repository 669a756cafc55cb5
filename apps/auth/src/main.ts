import { loadProduct } from '#catalog';
import { connectRedis, createLogger, listen, runApp } from '#http';
import { openDatabase, requireSchema } from '#store';
import { createAuthApp } from './app.ts';
import { readAuthConfig } from './config.ts';

await runApp('auth', async () => {
  const config = readAuthConfig();
  const product = await loadProduct(config.PRODUCT);
  const logger = createLogger('auth', config.LOG_LEVEL);
  const db = openDatabase({ url: config.DATABASE_URL });
  await requireSchema(db);
  const redis = config.REDIS_URL === undefined ? null : await connectRedis(config.REDIS_URL, logger);
  const app = await createAuthApp({
    product,
    db,
    logger,
    redis,
    settings: {
      authUrl: config.AUTH_URL,
      apiUrl: config.API_URL,
      encryptionKey: config.ENCRYPTION_KEY,
      trustedProxies: config.TRUSTED_PROXIES,
    },
  });
  const server = await listen(app, { port: config.PORT, host: config.HOST, product });
  logger.info({ port: server.port, product: product.slug, issuer: config.AUTH_URL }, 'listening');
  return async () => {
    await server.close();
    await Promise.all([db.close(), redis?.close()]);
  };
});

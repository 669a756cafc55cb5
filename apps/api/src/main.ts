import { loadProduct } from '#catalog';
import { connectRedis, createLogger, listen, runApp } from '#http';
import { createRequestPartitions, openDatabase, requireSchema } from '#store';
import { createApi } from './app.ts';
import { apiConfig } from './config.ts';
import { recordKeyUses } from './credentials/key-uses.ts';
import { memoryLimiter } from './limits/memory-limiter.ts';
import { redisLimiter } from './limits/redis-limiter.ts';
import { requestBuffer } from './requests/request-buffer.ts';

await runApp('api', async () => {
  const config = apiConfig();
  const product = await loadProduct(config.PRODUCT);
  const logger = createLogger('api', config.LOG_LEVEL);
  const db = openDatabase({ url: config.DATABASE_URL });
  await requireSchema(db);
  await createRequestPartitions(db, Date.now());
  const redis = config.REDIS_URL === undefined ? null : await connectRedis(config.REDIS_URL, logger);
  const limiter = redis ? redisLimiter(redis, logger) : memoryLimiter();

  const keyUses = recordKeyUses(db, logger);
  const requests = requestBuffer(db, logger);
  const app = createApi({
    product,
    db,
    limiter,
    keyUses,
    requests,
    logger,
    apiUrl: config.API_URL,
    authUrl: config.AUTH_URL,
    trustedProxies: config.TRUSTED_PROXIES,
  });
  const server = await listen(app, { port: config.PORT, host: config.HOST, product });
  logger.info({ port: server.port, product: product.slug }, 'listening');
  return async () => {
    await server.close();
    await Promise.all([limiter.close(), keyUses.close(), requests.close()]);
    await Promise.all([db.close(), redis?.close()]);
  };
});

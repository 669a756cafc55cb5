import { loadProduct } from '#catalog';
import { connectRedis, createLogger, listen, Metrics, runApp, serveMetrics } from '#http';
import { createRequestPartitions, openDatabase, requireSchema } from '#store';
import { createApi } from './app.ts';
import { apiConfig } from './config.ts';
import { recordKeyUses } from './credentials/key-uses.ts';
import { memoryLimiter } from './limits/memory-limiter.ts';
import { redisLimiter } from './limits/redis-limiter.ts';
import { measureRequests } from './requests/measure-requests.ts';
import { requestBuffer } from './requests/request-buffer.ts';

await runApp('api', async () => {
  const config = apiConfig();
  const product = await loadProduct(config.PRODUCT);
  const logger = createLogger('api', config.LOG_LEVEL);
  const db = openDatabase({ url: config.DATABASE_URL });
  await requireSchema(db);
  await createRequestPartitions(db, Date.now());
  const metrics = new Metrics();
  const redis =
    config.REDIS_URL === undefined ? null : await connectRedis(config.REDIS_URL, logger, { metrics });
  const limiter = redis ? redisLimiter(redis) : memoryLimiter();

  const keyUses = recordKeyUses(db, logger);
  const requests = requestBuffer(db, logger);
  measureRequests(metrics, requests);
  const app = createApi({
    product,
    db,
    limiter,
    keyUses,
    requests,
    logger,
    apiUrl: config.API_URL,
    authUrl: config.AUTH_URL,
    encryptionKey: config.ENCRYPTION_KEY,
    trustedProxies: config.TRUSTED_PROXIES,
  });
  const server = await listen(app, { port: config.PORT, host: config.HOST, product });
  const forMetrics = { port: config.METRICS_PORT, host: config.HOST, product, logger };
  const metricsServer = await serveMetrics(metrics, forMetrics);
  logger.info({ port: server.port, product: product.slug }, 'listening');
  return async () => {
    await Promise.all([server.close(), metricsServer?.close()]);
    await Promise.all([limiter.close(), keyUses.close(), requests.close()]);
    await Promise.all([db.close(), redis?.close()]);
  };
});

import { loadProduct } from '#catalog';
import { connectRedis, createLogger, listen, Metrics, runApp, serveMetrics } from '#http';
import { openDatabase, requireSchema } from '#store';
import { createAuthApp } from './app.ts';
import { readAuthConfig } from './config.ts';
import { defaultClientLimits } from './limits/limit-clients.ts';
import { recordSecretUses } from './secret-uses.ts';

await runApp('auth', async () => {
  const config = readAuthConfig();
  const product = await loadProduct(config.PRODUCT);
  const logger = createLogger('auth', config.LOG_LEVEL);
  const db = openDatabase({ url: config.DATABASE_URL });
  await requireSchema(db);
  const metrics = new Metrics();
  const redis =
    config.REDIS_URL === undefined ? null : await connectRedis(config.REDIS_URL, logger, { metrics });
  const secretUses = recordSecretUses(db, logger);
  const { app, close } = await createAuthApp({
    product,
    db,
    logger,
    redis,
    clientLimits: { ...defaultClientLimits, requestsPerMinute: config.TOKEN_REQUESTS_PER_MINUTE },
    authorizationsPerMinute: config.AUTHORIZATIONS_PER_MINUTE,
    secretUses,
    settings: {
      authUrl: config.AUTH_URL,
      apiUrl: config.API_URL,
      encryptionKey: config.ENCRYPTION_KEY,
      signingRotationDays: config.SIGNING_ROTATION_DAYS,
      trustedProxies: config.TRUSTED_PROXIES,
      clientDocuments: config.CLIENT_ID_METADATA_DOCUMENTS === 'on',
      signUp: config.SIGN_UP === undefined ? product.signUp === true : config.SIGN_UP === 'on',
    },
  });
  const server = await listen(app, { port: config.PORT, host: config.HOST, product });
  const forMetrics = { port: config.METRICS_PORT, host: config.HOST, product, logger };
  const metricsServer = await serveMetrics(metrics, forMetrics);
  logger.info({ port: server.port, product: product.slug, issuer: config.AUTH_URL }, 'listening');
  return async () => {
    await Promise.all([server.close(), metricsServer?.close()]);
    await close();
    await secretUses.close();
    await Promise.all([db.close(), redis?.close()]);
  };
});

import { loadProduct } from '#catalog';
import { createLogger, outsideFetch, runApp } from '#http';
import { openDatabase, requireSchema } from '#store';
import { workerConfig } from './config.ts';
import { fileSender } from './mail/file-sender.ts';
import { smtpSender } from './mail/smtp-sender.ts';
import { startWorker } from './start-worker.ts';

await runApp('worker', async () => {
  const config = workerConfig();
  const { DATABASE_URL, PRODUCT, LOG_LEVEL, SMTP_URL, MAIL_FROM, MAIL_DIR } = config;
  const product = await loadProduct(PRODUCT);
  const logger = createLogger('worker', LOG_LEVEL);
  const db = openDatabase({ url: DATABASE_URL, poolSize: 2 });
  await requireSchema(db);
  const from = { name: product.name, address: MAIL_FROM };
  const sender = SMTP_URL === undefined ? fileSender(MAIL_DIR, from) : smtpSender(SMTP_URL, from);
  const worker = await startWorker({
    databaseUrl: DATABASE_URL,
    db,
    product,
    sender,
    logger,
    issuer: config.AUTH_URL,
    encryptionKey: config.ENCRYPTION_KEY,
    fetchOutside: outsideFetch(),
    requestLogDays: config.REQUEST_LOG_DAYS,
  });
  logger.info({ product: product.slug, mail: SMTP_URL === undefined ? MAIL_DIR : 'SMTP' }, 'working');
  return async () => {
    await worker.stop();
    await db.close();
  };
});

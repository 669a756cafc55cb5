import { z } from 'zod';
import { readConfig, settings } from '#http';

/** The worker's settings from the environment. Throws an Error of one line when one is missing or wrong. */
export function workerConfig(env = process.env) {
  const { DATABASE_URL, PRODUCT, AUTH_URL, ENCRYPTION_KEY, LOG_LEVEL } = settings;
  const config = readConfig(
    {
      DATABASE_URL,
      PRODUCT,
      AUTH_URL,
      ENCRYPTION_KEY,
      LOG_LEVEL,
      /** The mail server, as `smtp://` or `smtps://user:password@host:port`. */
      SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' }).optional(),
      /** The sender's address; its name is the product's. */
      MAIL_FROM: z.email().optional(),
      /** Where each message is a file when there is no mail server. */
      MAIL_DIR: z.string().min(1).default('.data/mail'),
      /** For how many days request records are kept. */
      REQUEST_LOG_DAYS: z.coerce.number().int().min(1).default(90),
    },
    env,
  );
  if (config.SMTP_URL !== undefined && config.MAIL_FROM === undefined)
    throw new Error('MAIL_FROM is not set');
  return { ...config, MAIL_FROM: config.MAIL_FROM ?? 'notices@localhost' };
}

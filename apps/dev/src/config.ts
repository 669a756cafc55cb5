import { z } from 'zod';
import { readConfig, settings } from '#http';

/** What `npm start` reads from the environment. Throws an Error of one line when a setting is wrong. */
export function devConfig(env = process.env) {
  const { DATABASE_URL, REDIS_URL, PRODUCT, LOG_LEVEL } = settings;
  const shape = {
    DATABASE_URL: DATABASE_URL.optional(),
    REDIS_URL,
    PRODUCT,
    LOG_LEVEL: LOG_LEVEL.default('warn'),
    /** The API's port; the other parts listen on those after it. */
    PORT_BASE: z.coerce.number().int().min(1).max(65_530).default(4000),
    /** Where the embedded PostgreSQL, the encryption key and the demo credentials are kept. */
    DATA_DIR: z.string().min(1).default('.data'),
  };
  return readConfig(shape, env);
}

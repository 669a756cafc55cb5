import { z } from 'zod';
import { readConfig, settings } from '#http';
import { defaultAuthorizationsPerMinute } from './limits/limit-authorizations.ts';
import { defaultClientLimits } from './limits/limit-clients.ts';

/** The authorization server's settings from its environment. Throws an Error of one line. */
export function readAuthConfig() {
  const config = readConfig(
    {
      DATABASE_URL: settings.DATABASE_URL,
      REDIS_URL: settings.REDIS_URL,
      PRODUCT: settings.PRODUCT,
      API_URL: settings.API_URL,
      AUTH_URL: settings.AUTH_URL,
      HOST: settings.HOST,
      PORT: settings.PORT.default(4001),
      METRICS_PORT: settings.METRICS_PORT,
      /** Requests to the endpoints of clients from one address; a server with many users sends many. */
      TOKEN_REQUESTS_PER_MINUTE: z.coerce
        .number()
        .int()
        .min(1)
        .default(defaultClientLimits.requestsPerMinute),
      /** Sign-ins that are begun from one address; a company behind one address begins many. */
      AUTHORIZATIONS_PER_MINUTE: z.coerce.number().int().min(1).default(defaultAuthorizationsPerMinute),
      ENCRYPTION_KEY: settings.ENCRYPTION_KEY,
      SIGNING_ROTATION_DAYS: z.coerce.number().int().min(1).default(90),
      /** Whether a client_id may be a URL where the client describes itself. */
      CLIENT_ID_METADATA_DOCUMENTS: z.enum(['on', 'off']).default('off'),
      /** Whether anybody may make an account; the product says so when it isn't set. */
      SIGN_UP: z.enum(['on', 'off']).optional(),
      TRUSTED_PROXIES: settings.TRUSTED_PROXIES,
      LOG_LEVEL: settings.LOG_LEVEL,
    },
    process.env,
  );
  if (new URL(config.AUTH_URL).origin !== config.AUTH_URL) {
    throw new Error('AUTH_URL must be a scheme, a host and maybe a port, without a path');
  }
  return config;
}

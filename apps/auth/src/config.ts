import { readConfig, settings } from '#http';

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
      ENCRYPTION_KEY: settings.ENCRYPTION_KEY,
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

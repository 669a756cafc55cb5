import { readConfig, settings } from '#http';

/** The API's settings from the environment. Throws an Error of one line when one is missing or wrong. */
export function apiConfig(env = process.env) {
  const { DATABASE_URL, REDIS_URL, PRODUCT, API_URL, AUTH_URL, HOST, PORT, METRICS_PORT } = settings;
  const { ENCRYPTION_KEY, TRUSTED_PROXIES, LOG_LEVEL } = settings;
  return readConfig(
    {
      DATABASE_URL,
      REDIS_URL,
      PRODUCT,
      API_URL,
      AUTH_URL,
      HOST,
      PORT: PORT.default(4000),
      METRICS_PORT,
      ENCRYPTION_KEY,
      TRUSTED_PROXIES,
      LOG_LEVEL,
    },
    env,
  );
}

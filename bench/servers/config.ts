import { z } from 'zod';
import { readConfig, settings } from '#http';

/** What the servers for comparison are told. Throws an Error of one line when a setting is wrong. */
export function serverConfig(env = process.env) {
  const { DATABASE_URL, PRODUCT, PORT } = settings;
  return readConfig({ DATABASE_URL, PRODUCT, PORT, ORGANIZATION_ID: z.string() }, env);
}

/** What counts in the benchmark of limits. */
export const kindsOfLimits = [
  'none',
  'memory',
  'redis',
  'express-rate-limit',
  'rate-limiter-flexible',
] as const;

/** What the server of that benchmark is told. Throws an Error of one line when a setting is wrong. */
export function limitsConfig(env = process.env) {
  const { PORT, REDIS_URL } = settings;
  return readConfig({ PORT, REDIS_URL, LIMITS: z.enum(kindsOfLimits) }, env);
}

/** What the server of the benchmark of records is told. Throws an Error of one line when a setting is wrong. */
export function recordsConfig(env = process.env) {
  const { DATABASE_URL, PRODUCT, PORT } = settings;
  return readConfig({ DATABASE_URL, PRODUCT, PORT, RECORDED: z.enum(['yes', 'no']) }, env);
}

/** What a server for comparison is told that issues tokens. Throws an Error of one line when a setting is wrong. */
export function issuerConfig(env = process.env) {
  return readConfig({ PORT: settings.PORT, CLIENT_SECRET: z.string() }, env);
}

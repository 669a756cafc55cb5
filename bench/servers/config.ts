import { z } from 'zod';
import { readConfig, settings } from '#http';

/** What the servers for comparison are told. Throws an Error of one line when a setting is wrong. */
export function serverConfig(env = process.env) {
  const { DATABASE_URL, PRODUCT, PORT } = settings;
  return readConfig({ DATABASE_URL, PRODUCT, PORT, ORGANIZATION_ID: z.string() }, env);
}

import { readConfig, settings } from '#http';

/** The settings of the operator's command. Throws an Error of one line when one is missing or wrong. */
export function cliConfig(env = process.env) {
  const { DATABASE_URL, PRODUCT } = settings;
  return readConfig({ DATABASE_URL, PRODUCT }, env);
}

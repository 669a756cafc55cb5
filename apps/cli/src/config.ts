import { readConfig, settings } from '#http';

/** The settings of the operator's command. Throws an Error of one line when one is missing or wrong. */
export function cliConfig(env = process.env) {
  const { DATABASE_URL, PRODUCT } = settings;
  return readConfig({ DATABASE_URL, PRODUCT }, env);
}

/** What the mails about accounts need: where their links lead, and what these are encrypted with. */
export function mailConfig(env = process.env): { issuer: string; encryptionKey: string } {
  const { AUTH_URL, ENCRYPTION_KEY } = settings;
  const config = readConfig({ AUTH_URL, ENCRYPTION_KEY }, env);
  return { issuer: config.AUTH_URL, encryptionKey: config.ENCRYPTION_KEY };
}

/** What the keys that sign tokens and checkpoints are encrypted with. Throws an Error of one line when it is missing or wrong. */
export function encryptionKey(env = process.env): string {
  return readConfig({ ENCRYPTION_KEY: settings.ENCRYPTION_KEY }, env).ENCRYPTION_KEY;
}

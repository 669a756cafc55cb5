import { crc32 } from 'node:zlib';
import { randomBase62, uint32ToBase62 } from './base62.ts';
import { hashSecret } from './hash-secret.ts';

const randomLength = 34;
const checksumLength = 6;

/** A new API key: shown once as `key`, stored as `hash`, recognised by people from `hint`. */
export interface MintedApiKey {
  key: string;
  /** SHA-256 of the whole key, 32 bytes. */
  hash: Buffer;
  /** The prefix and the last four characters, as `vw_live_…aB3d`. */
  hint: string;
}

/**
 * Mints an API key: prefix, 34 random base62 characters (202 bits), and 6 base62 characters of CRC-32 over
 * all that precedes, so that a scanner or a server can tell a real key from a typing mistake without a look-up.
 */
export function mintApiKey(prefix: string): MintedApiKey {
  const body = prefix + randomBase62(randomLength);
  const key = body + checksum(body);
  return { key, hash: hashSecret(key), hint: `${prefix}…${key.slice(-4)}` };
}

/**
 * A regular expression that finds keys of a prefix (letters, digits, underscores) in any text, to be confirmed by the checksum: the last six
 * characters are CRC-32 (as in zlib) of all that precedes, in base62 with the digits 0-9, A-Z, a-z, padded with 0.
 */
export function apiKeyPattern(prefix: string): string {
  return `${prefix}[0-9A-Za-z]{${randomLength + checksumLength}}`;
}

/**
 * Tells which of `prefixes` (name → prefix) a text is a well-formed API key of, or null. It looks at form and
 * checksum only: whether such a key was ever issued is for the store to say.
 */
export function parseApiKey<Name extends string>(text: string, prefixes: Record<Name, string>): Name | null {
  for (const name in prefixes) {
    const prefix = prefixes[name];
    if (!text.startsWith(prefix) || text.length !== prefix.length + randomLength + checksumLength) continue;
    const body = text.slice(0, -checksumLength);
    if (!/^[0-9A-Za-z]+$/.test(text.slice(prefix.length))) continue;
    if (text.slice(-checksumLength) === checksum(body)) return name;
  }
  return null;
}

function checksum(body: string): string {
  return uint32ToBase62(crc32(body));
}

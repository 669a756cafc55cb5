import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * SHA-256 of a secret, 32 bytes: how API keys, client secrets, refresh tokens and codes are stored. Right only
 * for secrets of 128 random bits or more, which can't be guessed from their hash; passwords need bcrypt.
 */
export function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/** Whether `secret` is the one behind the hash `expected`, compared in constant time. */
export function matchesHash(secret: string, expected: Buffer): boolean {
  return timingSafeEqual(hashSecret(secret), expected);
}

/** 256 random bits as 43 base64url characters: client ids' secrets and the like, safe in forms and headers. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

import { createHmac, randomBytes } from 'node:crypto';
import { toBase32 } from './base32.ts';
import { deriveKey } from './box.ts';

const groups = 4;

/** A new recovery code for people to keep on paper: 80 random bits as `abcd-efgh-ijkl-mnop`. */
export function mintRecoveryCode(): string {
  const text = toBase32(randomBytes((groups * 4 * 5) / 8)).toLowerCase();
  return (text.match(/.{4}/g) ?? []).join('-');
}

/**
 * How recovery codes are stored: HMAC-SHA-256 under a key of the server, since 80 bits are too few for a bare hash. Spaces,
 * hyphens and the case of what somebody typed don't matter.
 */
export function recoveryCodeHash(encryptionKey: string): (code: string) => Buffer {
  const key = deriveKey(encryptionKey, 'keystile recovery codes');
  return (code) => {
    const typed = code.toLowerCase().replace(/[^a-z2-7]/g, '');
    return createHmac('sha256', key).update(typed).digest();
  };
}

import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';

const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts and decrypts what must be read back (private signing keys, webhook secrets) with AES-256-GCM.
 * A boxed value is the 12-byte nonce, the 16-byte tag and the cipher text, one after the other.
 */
export interface Box {
  /** `purpose` is authenticated with the text: a value boxed for one purpose can't be opened for another. */
  seal(plaintext: string, purpose: string): Buffer;
  /** Throws when the value was changed, was sealed with another key, or was sealed for another purpose. */
  open(sealed: Buffer, purpose: string): string;
}

/** A box whose key is derived from `encryptionKey`, 32 bytes as 64 hexadecimal characters. */
export function openBox(encryptionKey: string): Box {
  return boxOf(deriveKey(encryptionKey, 'keystile box'));
}

/**
 * A box that only the holder of `secret` opens: its key is derived from the secret alone. The secret must have 128
 * random bits or more. Its SHA-256 (see `hashSecret`) opens nothing.
 */
export function secretBox(secret: string): Box {
  // A hash does, as the secret is random, and costs less than a tenth of HKDF at each refresh.
  return boxOf(hash('sha256', `keystile secret box ${secret}`, 'buffer'));
}

function boxOf(key: Buffer): Box {
  return {
    seal(plaintext, purpose) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(purpose));
      const text = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), text]);
    },
    open(sealed, purpose) {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivBytes))
        .setAAD(Buffer.from(purpose))
        .setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes));
      return decipher.update(sealed.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
    },
  };
}

/** A 32-byte key for one `purpose` out of another one in hexadecimal (HKDF with SHA-256, RFC 5869). */
export function deriveKey(key: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.from(key, 'hex'), '', purpose, 32));
}

import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';

/** An Ed25519 key pair (RFC 8032), both halves as PEM. */
export interface SigningPair {
  publicKey: string;
  privateKey: string;
}

export function makeSigningPair(): SigningPair {
  return generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

/** The signature of the UTF-8 bytes of `text`: 128 hexadecimal digits. */
export function signText(privateKey: string, text: string): string {
  return sign(null, Buffer.from(text), createPrivateKey(privateKey)).toString('hex');
}

/** Whether the private half of `publicKey` made this signature of `text`. */
export function verifyText(publicKey: string, text: string, signature: string): boolean {
  return verify(null, Buffer.from(text), createPublicKey(publicKey), Buffer.from(signature, 'hex'));
}

import { hashSecret, randomSecret } from './hash-secret.ts';

/** A new secret: shown once as `secret`, stored as `hash`, recognised by people from `hint`. */
export interface MintedSecret {
  secret: string;
  /** SHA-256, 32 bytes. */
  hash: Buffer;
  /** The last four characters. */
  hint: string;
}

/** Mints the secret of an OAuth client, or another bearer value: see {@link randomSecret}. */
export function mintSecret(): MintedSecret {
  const secret = randomSecret();
  return { secret, hash: hashSecret(secret), hint: secret.slice(-4) };
}

import { isIP } from 'node:net';
import type { Language, Product } from '#catalog';
import { type Box, openBox, recoveryCodeHash } from '#crypto';
import { accountMailer, type Database, type Queryable, type UserChange } from '#store';

/** What the functions of second factors work with. */
export interface SecondFactors {
  db: Database;
  issuer: string;
  box: Box;
  hashRecoveryCode(code: string): Buffer;
  /** For whom authenticators make passkeys; null where they make none, since the issuer's host is an IP address. */
  relyingParty: { id: string; name: string; origin: string } | null;
  sendMail: ReturnType<typeof accountMailer>;
}

/** Whose factors change, and the language to write to that person in. */
export interface FactorOwner {
  id: string;
  email: string;
  language: Language;
}

/** The same while it is the owner who changes them. */
export interface ChangingOwner extends FactorOwner {
  /** Writes the audit entries of a change, last in its transaction. */
  record(tx: Queryable, change: UserChange): Promise<void>;
}

export function openSecondFactors({
  db,
  product,
  issuer,
  encryptionKey,
}: {
  db: Database;
  product: Product;
  issuer: string;
  encryptionKey: string;
}): SecondFactors {
  const { hostname, origin } = new URL(issuer);
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
  return {
    db,
    issuer,
    box: openBox(encryptionKey),
    hashRecoveryCode: recoveryCodeHash(encryptionKey),
    relyingParty: isAddress ? null : { id: hostname, name: product.name, origin },
    sendMail: accountMailer({ issuer, encryptionKey }),
  };
}

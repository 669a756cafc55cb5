import { makeSigningPair, openBox } from '#crypto';
import { type AuditKey, type Database, findOrCreateAuditKey } from '#store';
import { encryptionKey } from './config.ts';

const purpose = 'audit checkpoint key';

/** The key that signs checkpoints, made at its first use. Throws an Error of one line without `ENCRYPTION_KEY`. */
export function auditKey(db: Database): Promise<AuditKey> {
  const box = openBox(encryptionKey());
  return db.transaction((tx) =>
    findOrCreateAuditKey(tx, () => {
      const { publicKey, privateKey } = makeSigningPair();
      return { publicKey, sealedPrivateKey: box.seal(privateKey, purpose) };
    }),
  );
}

/** Its private half in PEM. Throws an Error of one line when another `ENCRYPTION_KEY` has encrypted it. */
export function openAuditKey({ sealedPrivateKey }: AuditKey): string {
  try {
    return openBox(encryptionKey()).open(sealedPrivateKey, purpose);
  } catch (cause) {
    throw new Error('the key that signs checkpoints was encrypted with another ENCRYPTION_KEY', { cause });
  }
}

import type { Queryable } from './database.ts';
import { newId } from './id.ts';

/** The key that signs checkpoints of the audit log. */
export interface AuditKey {
  /** In PEM. */
  publicKey: string;
  /** Encrypted. */
  sealedPrivateKey: Buffer;
}

/** Null when no checkpoint was made yet. */
export async function findAuditKey(db: Queryable): Promise<AuditKey | null> {
  const [row] = await db.query<AuditKey>(
    `select k.public_key as "publicKey", k.sealed_private_key as "sealedPrivateKey" from audit_keys k
     order by k.created_at desc limit 1`,
  );
  return row ?? null;
}

/** The key, which `make` makes at its first use: processes that want it at the same moment agree on one. */
export async function findOrCreateAuditKey(tx: Queryable, make: () => AuditKey): Promise<AuditKey> {
  await tx.query('lock table audit_keys in exclusive mode');
  const found = await findAuditKey(tx);
  if (found) return found;
  const key = make();
  await tx.query('insert into audit_keys (id, public_key, sealed_private_key) values ($1, $2, $3)', [
    newId('auk'),
    key.publicKey,
    key.sealedPrivateKey,
  ]);
  return key;
}

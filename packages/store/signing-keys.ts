import type { Queryable } from './database.ts';

/** A key that signs tokens. `sealedPrivateJwk` is encrypted; `publicJwk` is published. */
export interface SigningKey {
  /** The `kid` of RFC 7517. */
  id: string;
  publicJwk: Record<string, unknown>;
  sealedPrivateJwk: Buffer;
}

const columns = `s.id, s.public_jwk as "publicJwk", s.sealed_private_jwk as "sealedPrivateJwk"`;

/** All keys, the one that signs first. */
export function listSigningKeys(db: Queryable): Promise<SigningKey[]> {
  return db.query<SigningKey>(`select ${columns} from signing_keys s order by s.created_at desc, s.id`);
}

export async function findSigningKey(db: Queryable, id: string): Promise<SigningKey | null> {
  const [row] = await db.query<SigningKey>(`select ${columns} from signing_keys s where s.id = $1`, [id]);
  return row ?? null;
}

/**
 * The keys, after `make` has made the first one if there was none. Processes that start at the same moment agree
 * on one key: the table is locked meanwhile.
 */
export async function listOrCreateSigningKeys(
  tx: Queryable,
  make: () => Promise<SigningKey>,
): Promise<SigningKey[]> {
  const found = await listSigningKeys(tx);
  if (found.length > 0) return found;
  await tx.query('lock table signing_keys in exclusive mode');
  if ((await listSigningKeys(tx)).length === 0) {
    const key = await make();
    await tx.query('insert into signing_keys (id, public_jwk, sealed_private_jwk) values ($1, $2, $3)', [
      key.id,
      JSON.stringify(key.publicJwk),
      key.sealedPrivateJwk,
    ]);
  }
  return listSigningKeys(tx);
}

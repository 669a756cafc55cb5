import type { Queryable } from './database.ts';

/** The secret that all processes of the API make their nonces of. */
export async function findNonceSecret(db: Queryable): Promise<Buffer> {
  const [row] = await db.query<{ secret: Buffer }>('select n.secret from nonce_secrets n');
  if (!row) throw new Error('the nonce secret is gone');
  return row.secret;
}

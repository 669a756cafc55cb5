import type { Queryable } from './database.ts';

/** Revokes one access token by its `jti`; the row is needed until the token expires. Idempotent. */
export async function insertRevokedAccessToken(db: Queryable, jti: string, expiresAt: string): Promise<void> {
  await db.query(
    'insert into revoked_access_tokens (jti, expires_at) values ($1, $2) on conflict do nothing',
    [jti, expiresAt],
  );
}

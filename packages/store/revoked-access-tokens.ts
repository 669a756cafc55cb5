import type { Queryable } from './database.ts';
import { deleteEnded } from './delete-ended.ts';

/** Revokes one access token by its `jti`; the row is needed until the token expires. Idempotent. */
export async function insertRevokedAccessToken(db: Queryable, jti: string, expiresAt: string): Promise<void> {
  await db.query(
    'insert into revoked_access_tokens (jti, expires_at) values ($1, $2) on conflict do nothing',
    [jti, expiresAt],
  );
}

/** Forgets up to `limit` revoked tokens that ended a day ago by themselves, and returns how many. */
export function deleteEndedRevocations(db: Queryable, limit: number): Promise<number> {
  return deleteEnded(db, limit, {
    table: 'revoked_access_tokens',
    key: ['jti'],
    since: 'expires_at',
    kept: '1 day',
  });
}

import type { Queryable } from './database.ts';

/** Revokes one access token by its `jti`; the row is needed until the token expires. Idempotent. */
export async function insertRevokedAccessToken(db: Queryable, jti: string, expiresAt: string): Promise<void> {
  await db.query(
    'insert into revoked_access_tokens (jti, expires_at) values ($1, $2) on conflict do nothing',
    [jti, expiresAt],
  );
}

/** Forgets up to `limit` revoked tokens that ended a day ago by themselves, and returns how many. */
export async function deleteEndedRevocations(db: Queryable, limit: number): Promise<number> {
  const deleted = await db.query(
    `delete from revoked_access_tokens r using (
       select e.jti from revoked_access_tokens e where e.expires_at < now() - interval '1 day'
       order by e.expires_at limit $1 for update skip locked
     ) ended
     where r.jti = ended.jti returning r.jti`,
    [limit],
  );
  return deleted.length;
}

import type { Queryable } from './database.ts';
import { deleteEnded } from './delete-ended.ts';

/** A browser in which somebody is signed in. Times are ISO 8601; the last three are null until its first use was written. */
export interface Session {
  /** Names the session, and is no secret. */
  uid: string;
  startedAt: string;
  userAgent: string | null;
  ipAddress: string | null;
  lastUsedAt: string | null;
}

/** What a session was used with, and when. */
export interface SessionUse {
  uid: string;
  userAgent: string;
  ipAddress: string;
  at: string;
}

/** A user's sessions whose sign-in is from `since` (seconds since 1970) on; the one that was used last comes first. */
export function listSessions(db: Queryable, userId: string, since: number): Promise<Session[]> {
  return db.query<Session>(
    `select s.uid, to_timestamp((s.payload ->> 'loginTs')::bigint) as "startedAt", u.user_agent as "userAgent",
       u.ip_address as "ipAddress", u.last_used_at as "lastUsedAt"
     from oidc_sessions s left join session_uses u on u.uid = s.uid
     where s.payload ->> 'accountId' = $1 and s.consumed_at is null and s.expires_at > now()
       and (s.payload ->> 'loginTs')::bigint >= $2::bigint
     order by coalesce(u.last_used_at, s.created_at) desc, s.id limit 100`,
    [userId, since],
  );
}

/**
 * Ends sessions of a user: the one named `uid`, all but `except`, or all. Their rows stay, marked as used up, so that a request
 * that is under way brings none back. Returns the apps that want to hear of it, with the names that they know them by.
 */
export function endSessions(
  tx: Queryable,
  userId: string,
  { uid = null, except = null }: { uid?: string | null; except?: string | null } = {},
): Promise<{ clientId: string; sid: string }[]> {
  return tx.query(
    `with ended as (
       update oidc_sessions s set consumed_at = now()
       where s.payload ->> 'accountId' = $1 and s.consumed_at is null
         and ($2::text is null or s.uid = $2) and ($3::text is null or s.uid <> $3)
       returning s.payload
     )
     select c.id as "clientId", a.value ->> 'sid' as sid
     from ended e, jsonb_each(coalesce(e.payload -> 'authorizations', '{}')) a join clients c on c.id = a.key
     where c.backchannel_logout_uri is not null and a.value ? 'sid'`,
    [userId, uid, except],
  );
}

/** Writes the last uses of sessions; an older one never replaces a newer one. */
export async function noteSessionUses(db: Queryable, uses: readonly SessionUse[]): Promise<void> {
  await db.query(
    `insert into session_uses as s (uid, user_agent, ip_address, last_used_at)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
     on conflict (uid) do update set user_agent = excluded.user_agent, ip_address = excluded.ip_address,
       last_used_at = excluded.last_used_at
     where s.last_used_at < excluded.last_used_at`,
    [
      uses.map(({ uid }) => uid),
      uses.map(({ userAgent }) => userAgent),
      uses.map(({ ipAddress }) => ipAddress),
      uses.map(({ at }) => at),
    ],
  );
}

/** Deletes up to `limit` uses of sessions that have ended by now, and returns how many: none is kept for so long unused. */
export function deleteEndedSessionUses(db: Queryable, limit: number): Promise<number> {
  return deleteEnded(db, limit, {
    table: 'session_uses',
    key: ['uid'],
    since: 'last_used_at',
    kept: '31 days',
  });
}

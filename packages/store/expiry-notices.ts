import type { Queryable } from './database.ts';
import { deleteEnded } from './delete-ended.ts';

/** How many days before a key's expiry its people are told. */
export const noticeDays = [14, 3, 1] as const;

export interface ExpiringKey {
  id: string;
  organizationId: string;
  /** ISO 8601. */
  expiresAt: string;
}

// The days of the innermost window that the expiry is within: a key that is first seen late is told once. A window
// that is as long as the life that the key was given when it was made or rotated, or longer, tells nothing new.
const due = `api_keys k
  join organizations o on o.id = k.organization_id
  left join memberships m
    on m.organization_id = k.organization_id and m.user_id = k.created_by and m.accepted_at is not null
  cross join lateral (
    select min(d.days) as days from unnest('{${noticeDays.join()}}'::int[]) as d (days)
    where k.expires_at <= $1::timestamptz + d.days * interval '1 day'
  ) w
  where k.revoked_at is null and k.paused_at is null
    and k.expires_at > $1 and k.expires_at <= $1::timestamptz + interval '${Math.max(...noticeDays)} days'
    and coalesce(k.rotated_at, k.created_at) < k.expires_at - w.days * interval '1 day'
    and not (o.removed_member_keys = 'stop' and k.created_by is not null and m.user_id is null)
    and not exists (
      select from expiry_notices n where n.key_id = k.id and n.expires_at = k.expires_at and n.days = w.days
    )`;

/**
 * Keys whose people have to be told at `now` (ISO 8601) that they expire, the soonest first, those behind `after`
 * when it is given. Keys that are revoked, paused or stopped with their maker are none of them.
 */
export function listExpiringKeys(
  db: Queryable,
  now: string,
  { limit, after }: { limit: number; after: ExpiringKey | null },
): Promise<ExpiringKey[]> {
  return db.query<ExpiringKey>(
    `select k.id, k.organization_id as "organizationId", k.expires_at as "expiresAt" from ${due}
       and (k.expires_at, k.id) > (coalesce($3::timestamptz, '-infinity'), coalesce($4, ''))
     order by k.expires_at, k.id limit $2`,
    [now, limit, after?.expiresAt ?? null, after?.id ?? null],
  );
}

/**
 * Remembers that a key's people are told in this transaction. False when there is nothing to tell any more: another
 * worker was first, or the key has changed.
 */
export async function claimExpiryNotice(tx: Queryable, now: string, keyId: string): Promise<boolean> {
  const claimed = await tx.query(
    `insert into expiry_notices (key_id, expires_at, days)
     select k.id, k.expires_at, w.days from ${due} and k.id = $2
     on conflict do nothing returning key_id`,
    [now, keyId],
  );
  return claimed.length === 1;
}

/** Deletes up to `limit` notices of expiries that are past, and returns how many. */
export function deletePastExpiryNotices(db: Queryable, limit: number): Promise<number> {
  return deleteEnded(db, limit, {
    table: 'expiry_notices',
    key: ['key_id', 'expires_at', 'days'],
    since: 'expires_at',
    kept: '1 day',
  });
}

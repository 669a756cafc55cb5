import type { AccountToken } from './account-tokens.ts';
import type { Queryable } from './database.ts';

/** SQL: whether the user `u` has a second factor. */
export const hasSecondFactor = `(exists (select 1 from totp_factors t where t.user_id = u.id)
  or exists (select 1 from passkeys p where p.user_id = u.id))`;

/** Holds a user's factors until the transaction ends, so that each change of them sees the others. */
export async function lockFactors(tx: Queryable, userId: string): Promise<void> {
  await tx.query('select u.id from users u where u.id = $1 for update', [userId]);
}

/** The names of a user's organizations that require a second factor. */
export async function organizationsRequiringFactor(db: Queryable, userId: string): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select o.name from memberships m join organizations o on o.id = m.organization_id
     where m.user_id = $1 and m.accepted_at is not null and o.require_second_factor order by o.name`,
    [userId],
  );
  return rows.map(({ name }) => name);
}

/** Whether an organization requires a second factor that a user doesn't have. */
export async function lacksSecondFactor(
  db: Queryable,
  { userId, organizationId }: { userId: string; organizationId: string },
): Promise<boolean> {
  const rows = await db.query(
    `select u.id from users u, organizations o
     where u.id = $1 and o.id = $2 and o.require_second_factor and not ${hasSecondFactor}`,
    [userId, organizationId],
  );
  return rows.length === 1;
}

/** Removes all second factors of a user, the recovery codes too, and returns how many factors there were. */
export async function deleteSecondFactors(tx: Queryable, userId: string): Promise<number> {
  const factors = await tx.query(
    `with totp as (delete from totp_factors t where t.user_id = $1 returning 1),
          keys as (delete from passkeys p where p.user_id = $1 returning 1),
          codes as (delete from recovery_codes r where r.user_id = $1)
     select * from totp union all select * from keys`,
    [userId],
  );
  return factors.length;
}

/**
 * Removes the second factors and recovery codes of a token's user that were made since the token was, or with it; and all recovery
 * codes when no factor is left. Returns how many factors it removed.
 */
export async function deleteSecondFactorsSince(tx: Queryable, { id, userId }: AccountToken): Promise<number> {
  const factors = await tx.query(
    `with since as (select a.created_at as at from account_tokens a where a.id = $1),
          totp as (delete from totp_factors t using since where t.user_id = $2 and t.created_at >= since.at returning 1),
          keys as (delete from passkeys p using since where p.user_id = $2 and p.created_at >= since.at returning 1),
          codes as (
            delete from recovery_codes r using since
            where r.user_id = $2 and (r.created_at >= since.at
              or not exists (select from totp_factors t where t.user_id = $2 and t.created_at < since.at)
                and not exists (select from passkeys p where p.user_id = $2 and p.created_at < since.at))
          )
     select * from totp union all select * from keys`,
    [id, userId],
  );
  return factors.length;
}

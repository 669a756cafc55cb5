import type { GrantEnd } from '#catalog';
import type { Queryable } from './database.ts';
import type { OidcState } from './oidc-state.ts';

// Tokens live no longer than this from their last use, so nobody asks afterwards.
const end = `ended_at = now(), ended_reason = $2, expires_at = least(g.expires_at, now() + interval '30 days')`;

/** Ends a grant and so all its tokens; false when there is none, or it has ended already. */
export async function endGrant(db: Queryable, id: string, reason: GrantEnd): Promise<boolean> {
  const rows = await db.query(
    `update oidc_grants g set ${end} where g.id = $1 and g.ended_at is null returning g.id`,
    [id, reason],
  );
  return rows.length === 1;
}

/** Ends every grant that was made from consents of a user: all of them, or those in one organization. */
export async function endGrantsOfUser(
  tx: Queryable,
  { userId, organizationId = null }: { userId: string; organizationId?: string | null },
  reason: GrantEnd,
): Promise<void> {
  await tx.query(
    `update oidc_grants g set ${end} from consents c
     where c.user_id = $1 and ($3::text is null or c.organization_id = $3) and g.consent_id = c.id
       and g.ended_at is null`,
    [userId, reason, organizationId],
  );
}

/** Ends every grant that was made from a consent. */
export async function endGrantsOfConsent(tx: Queryable, consentId: string, reason: GrantEnd): Promise<void> {
  await tx.query(`update oidc_grants g set ${end} where g.consent_id = $1 and g.ended_at is null`, [
    consentId,
    reason,
  ]);
}

/** The state of a grant that has neither ended nor expired. */
export async function findGrantState<Payload extends object>(
  db: Queryable,
  id: string,
): Promise<OidcState<Payload> | null> {
  const [row] = await db.query<OidcState<Payload>>(
    `select g.payload, g.consumed_at as "consumedAt" from oidc_grants g
     where g.id = $1 and g.ended_at is null and (g.expires_at is null or g.expires_at > now())`,
    [id],
  );
  return row ?? null;
}

/**
 * Ties a grant to the consent it was made from, and to a sign-in at `signedInAt` (seconds since 1970); tokens of a
 * grant without a consent are refused. False when the consent is gone, or the sign-in has ended meanwhile. A change of
 * the password waits for this or this for the change, so no grant slips through between them.
 */
export async function setConsentOfGrant(
  db: Queryable,
  { grantId, consentId, signedInAt }: { grantId: string; consentId: string; signedInAt: number },
): Promise<boolean> {
  const rows = await db.query(
    `with consent as (
       select c.id from consents c join users u on u.id = c.user_id
       where c.id = $2 and u.sessions_from <= to_timestamp($3) for share
     )
     update oidc_grants g set consent_id = c.id from consent c where g.id = $1 returning g.id`,
    [grantId, consentId, signedInAt],
  );
  return rows.length === 1;
}

import type { GrantEnd } from '#catalog';
import type { Queryable } from './database.ts';
import { endGrantsOfConsent } from './grants.ts';
import { newId } from './id.ts';
import { signedBy } from './signing-keys.ts';
import { type AccessTokenCredential, standingColumns, standingJoins } from './standing.ts';

/** What a user lets a client do in one organization, and what the user was asked for and declined. */
export interface Consent {
  id: string;
  userId: string;
  clientId: string;
  organizationId: string;
  scopes: string[];
  declinedScopes: string[];
  /** Whether a later decision about this client ended in another organization, so that this one is not to be taken for it. */
  asksAgain: boolean;
}

const columns = `c.id, c.user_id as "userId", c.client_id as "clientId", c.organization_id as "organizationId",
  c.scopes, c.declined_scopes as "declinedScopes", c.asks_again as "asksAgain"`;

/** Remembers a decision; it replaces what was decided about the same scopes before, and adds to the rest. */
export async function upsertConsent(
  db: Queryable,
  consent: Omit<Consent, 'id' | 'asksAgain'>,
): Promise<Consent> {
  const [row] = await db.query<Consent>(
    `insert into consents as c (id, user_id, client_id, organization_id, scopes, declined_scopes)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (user_id, client_id, organization_id) do update set
       scopes = array(select unnest(c.scopes) union select unnest(excluded.scopes)
                      except select unnest(excluded.declined_scopes)),
       declined_scopes = array(select unnest(c.declined_scopes) union select unnest(excluded.declined_scopes)
                               except select unnest(excluded.scopes)),
       asks_again = false, updated_at = now()
     returning ${columns}`,
    [
      newId('con'),
      consent.userId,
      consent.clientId,
      consent.organizationId,
      consent.scopes,
      consent.declinedScopes,
    ],
  );
  if (!row) throw new Error('upsert returned no row');
  return row;
}

/** What a user decided about a client in one organization; null when nothing was. */
export async function findConsent(
  db: Queryable,
  { userId, clientId, organizationId }: Pick<Consent, 'userId' | 'clientId' | 'organizationId'>,
): Promise<Consent | null> {
  const [row] = await db.query<Consent>(
    `select ${columns} from consents c
     where c.user_id = $1 and c.client_id = $2 and c.organization_id = $3`,
    [userId, clientId, organizationId],
  );
  return row ?? null;
}

/** The decision that a user made last about a client, in whichever organization, a member of it still or not; null when there is none. */
export async function findLatestConsent(
  db: Queryable,
  userId: string,
  clientId: string,
): Promise<Consent | null> {
  const [row] = await db.query<Consent>(
    `select ${columns} from consents c
     where c.user_id = $1 and c.client_id = $2 order by c.updated_at desc limit 1`,
    [userId, clientId],
  );
  return row ?? null;
}

/** The consent that a grant was made from. */
export async function findConsentOfGrant(db: Queryable, grantId: string): Promise<Consent | null> {
  const [row] = await db.query<Consent>(
    `select ${columns} from oidc_grants g join consents c on c.id = g.consent_id where g.id = $1`,
    [grantId],
  );
  return row ?? null;
}

/** Takes one scope out of a consent, as if the user had declined it: each token of the client has lost it. */
export async function declineScope(tx: Queryable, id: string, scope: string): Promise<void> {
  await tx.query(
    `update consents c set scopes = array_remove(c.scopes, $2),
       declined_scopes = array_append(array_remove(c.declined_scopes, $2), $2), updated_at = now()
     where c.id = $1`,
    [id, scope],
  );
}

/**
 * Withdraws a consent, and ends every grant that was made from it. Earlier consents of its user to the client, in other
 * organizations, stand; but they are used again only after the user was asked.
 */
export async function deleteConsent(
  tx: Queryable,
  id: string,
  reason: GrantEnd = 'withdrawn_by_user',
): Promise<void> {
  await endGrantsOfConsent(tx, id, reason);
  await tx.query(
    `update consents c set asks_again = true from consents ended
     where ended.id = $1 and c.user_id = ended.user_id and c.client_id = ended.client_id and c.id <> ended.id
       and c.updated_at <= ended.updated_at`,
    [id],
  );
  await tx.query('delete from consents c where c.id = $1', [id]);
}

/**
 * What an access token of this grant and `jti` may do now; null when the token was revoked, the grant has
 * ended, or the consent, the client or the membership is gone, or the key `keyId` that signed it was revoked. Asked on every
 * request.
 */
export async function findAccessTokenCredential(
  db: Queryable,
  grantId: string,
  jti: string,
  keyId: string | null = null,
): Promise<AccessTokenCredential | null> {
  const [row] = await db.query<AccessTokenCredential>(
    `select ${standingColumns}
     from oidc_grants g join consents k on k.id = g.consent_id ${standingJoins}
     where g.id = $1 and g.ended_at is null
       and not exists (select from revoked_access_tokens r where r.jti = $2) and ${signedBy('$3')}`,
    [grantId, jti, keyId],
  );
  return row ?? null;
}

/** Which of these is the reason; `key` is the one that signed it. */
export type AccessTokenLoss = Record<'client' | 'member' | 'revoked' | 'key', boolean>;

/** What of an access token is gone, of those things that {@link findAccessTokenCredential} asks for one by one. */
export async function findAccessTokenLoss(
  db: Queryable,
  token: { organizationId: string; userId: string; clientId: string; jti: string; keyId: string },
): Promise<AccessTokenLoss> {
  const [row] = await db.query<AccessTokenLoss>(
    `select not exists (select from clients c where c.id = $1) as client,
       not exists (select from memberships m where m.organization_id = $2 and m.user_id = $3
         and m.accepted_at is not null) as member,
       exists (select from revoked_access_tokens r where r.jti = $4) as revoked, not ${signedBy('$5')} as key`,
    [token.clientId, token.organizationId, token.userId, token.jti, token.keyId],
  );
  return row ?? { client: false, member: false, revoked: false, key: false };
}

/** What any access token could do that a user's consent to a client in an organization gives. */
export async function findConsentCredential(
  db: Queryable,
  consent: Pick<Consent, 'organizationId' | 'userId' | 'clientId'>,
): Promise<AccessTokenCredential | null> {
  const [row] = await db.query<AccessTokenCredential>(
    `select ${standingColumns} from consents k ${standingJoins}
     where k.organization_id = $1 and k.user_id = $2 and k.client_id = $3`,
    [consent.organizationId, consent.userId, consent.clientId],
  );
  return row ?? null;
}

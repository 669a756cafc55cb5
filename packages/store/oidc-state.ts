import type { Queryable } from './database.ts';
import { deleteEnded } from './delete-ended.ts';

/** What oidc-provider keeps in the database: its model's name → our table. JWT access tokens are never stored. */
export const oidcTables = {
  AuthorizationCode: 'oidc_authorization_codes',
  DeviceCode: 'oidc_device_codes',
  RefreshToken: 'oidc_refresh_tokens',
  AccessToken: 'oidc_access_tokens',
  Grant: 'oidc_grants',
  Session: 'oidc_sessions',
  Interaction: 'oidc_interactions',
  PushedAuthorizationRequest: 'oidc_pushed_authorization_requests',
} as const;

export type OidcTable = (typeof oidcTables)[keyof typeof oidcTables];

export interface OidcState<Payload> {
  /** The row's own: see {@link upsertOidcState}. */
  id: string;
  payload: Payload;
  /** ISO 8601, or null while it was not used. */
  consumedAt: string | null;
}

const columns = `s.id, s.payload, s.consumed_at as "consumedAt"`;
const alive = '(s.expires_at is null or s.expires_at > now())';

/** A state to store. `id` is the hash of a bearer value, or a grant's own id; `expiresInSeconds` null means never. */
export interface NewOidcState {
  id: string;
  payload: object;
  uid: string | null;
  grantId: string | null;
  expiresInSeconds: number | null;
}

/** Stores a state, or its new payload; what was used stays used. */
export async function upsertOidcState(db: Queryable, table: OidcTable, state: NewOidcState): Promise<void> {
  await db.query(
    `insert into ${table} as s (id, payload, uid, grant_id, expires_at)
     values ($1, $2, $3, $4, now() + $5::double precision * interval '1 second')
     on conflict (id) do update set
       payload = excluded.payload, uid = coalesce(excluded.uid, s.uid), grant_id = excluded.grant_id, expires_at = excluded.expires_at`,
    [state.id, JSON.stringify(state.payload), state.uid, state.grantId, state.expiresInSeconds],
  );
}

/** The state with this id; what its payload looks like is for the caller to know, who stored it. */
export async function findOidcState<Payload extends object>(
  db: Queryable,
  table: OidcTable,
  id: string,
): Promise<OidcState<Payload> | null> {
  const [row] = await db.query<OidcState<Payload>>(
    `select ${columns} from ${table} s where s.id = $1 and ${alive}`,
    [id],
  );
  return row ?? null;
}

/** The state with this `uid` (a session's, or the hash of a user code). */
export async function findOidcStateByUid<Payload extends object>(
  db: Queryable,
  table: OidcTable,
  uid: string,
): Promise<OidcState<Payload> | null> {
  const [row] = await db.query<OidcState<Payload>>(
    `select ${columns} from ${table} s where s.uid = $1 and ${alive}`,
    [uid],
  );
  return row ?? null;
}

/** Marks a code or a refresh token as used. False when it was used already: of two calls at once, one wins. */
export async function consumeOidcState(db: Queryable, table: OidcTable, id: string): Promise<boolean> {
  const rows = await db.query(
    `update ${table} s set consumed_at = now() where s.id = $1 and s.consumed_at is null returning s.id`,
    [id],
  );
  return rows.length === 1;
}

export async function deleteOidcState(db: Queryable, table: OidcTable, id: string): Promise<void> {
  await db.query(`delete from ${table} s where s.id = $1`, [id]);
}

/**
 * Deletes up to `limit` states that ended a day ago, and returns how many. An ended state is never found again, so
 * nothing depends on it: a code or a token that was used but has not ended stays, and its second use is seen. The
 * day lets the access tokens of an ended grant, good for an hour, run out first.
 */
export function deleteEndedOidcState(db: Queryable, table: OidcTable, limit: number): Promise<number> {
  return deleteEnded(db, limit, { table, since: 'expires_at', kept: '1 day' });
}

import type { GrantEnd } from '#catalog';
import type { Queryable } from './database.ts';
import { deleteEnded } from './delete-ended.ts';
import { type NewOidcState, type OidcTable, oidcTables } from './oidc-state.ts';
import { type AccessTokenCredential, standingColumns, standingJoins } from './standing.ts';

/** What a client shows at the token endpoint to get tokens. */
export type SourceTable = 'oidc_authorization_codes' | 'oidc_refresh_tokens';

/** A code or refresh token, expired or not, with all that stands behind it at this moment. */
export interface TokenSource<Payload> {
  payload: Payload;
  /** ISO 8601, or null while it was not used. */
  consumedAt: string | null;
  expiresAt: string;
  isExpired: boolean;
  grantId: string;
  /** Null when the grant is gone. */
  grantPayload: Payload | null;
  grantEndedAt: string | null;
  grantEndedReason: GrantEnd | null;
  user: { id: string; name: string; email: string } | null;
  /** Null when the consent, the client or the membership is gone. */
  standing: AccessTokenCredential | null;
  /** The encrypted answer to its use, for half a minute. */
  answer: Buffer | null;
}

interface Row<Payload> extends Omit<TokenSource<Payload>, 'user' | 'standing'>, AccessTokenCredential {
  accountId: string | null;
  name: string;
  email: string;
}

/** Reads a code or refresh token by its id; null when there is none. */
export async function findTokenSource<Payload extends object>(
  db: Queryable,
  table: SourceTable,
  id: string,
): Promise<TokenSource<Payload> | null> {
  const [row] = await db.query<Row<Payload>>(
    `select s.payload, s.consumed_at as "consumedAt", s.expires_at as "expiresAt",
       s.expires_at <= now() as "isExpired", s.grant_id as "grantId",
       g.payload as "grantPayload", g.ended_at as "grantEndedAt", g.ended_reason as "grantEndedReason", a.answer,
       u.id as "accountId", u.name, u.email, ${standingColumns}
     from ${table} s
     left join oidc_grants g on g.id = s.grant_id
     left join (consents k ${standingJoins}) on k.id = g.consent_id
     left join users u on u.id = s.payload ->> 'accountId'
     left join oidc_refresh_answers a on a.id = s.id and a.expires_at > now()
     where s.id = $1`,
    [id],
  );
  if (!row) return null;
  const { accountId, name, email, ...rest } = row;
  return {
    ...rest,
    user: accountId === null ? null : { id: accountId, name, email },
    standing: row.role === null ? null : rest,
  };
}

/** What the use of a code or refresh token gives. */
export interface TokenIssue {
  /** What is stored of it, by table. */
  saved: readonly { table: OidcTable; state: NewOidcState }[];
  /** The answer, encrypted; it can be had again for 30 seconds. Null when it can't. */
  answer: Buffer | null;
}

/**
 * Uses a code or refresh token, and stores what it gives: all of it or nothing, in one statement. False, and nothing
 * is stored, when it was used already or its grant has ended: of many at once, one wins.
 */
export async function consumeTokenSource(
  db: Queryable,
  table: SourceTable,
  id: string,
  { saved, answer }: TokenIssue,
): Promise<boolean> {
  const values: unknown[] = [id];
  const place = (value: unknown) => `$${values.push(value)}`;
  const inserts = saved.map(
    ({ table: into, state }) =>
      `insert into ${into} (id, payload, grant_id, expires_at)
       select ${place(state.id)}, ${place(JSON.stringify(state.payload))}::jsonb, ${place(state.grantId)},
         now() + ${place(state.expiresInSeconds)}::double precision * interval '1 second' from used`,
  );
  if (answer) {
    inserts.push(
      `insert into oidc_refresh_answers (id, answer, expires_at)
       select id, ${place(answer)}::bytea, now() + interval '30 seconds' from used`,
    );
  }
  const rows = await db.query(
    `with used as (
       update ${table} s set consumed_at = now()
       where s.id = $1 and s.consumed_at is null
         and exists (select from ${oidcTables.Grant} g where g.id = s.grant_id and g.ended_at is null)
       returning s.id
     )${inserts.map((insert, at) => `, insert_${at} as (${insert})`).join('')}
     select id from used`,
    values,
  );
  return rows.length === 1;
}

/** Forgets up to `limit` answers that can't be had again any more, and returns how many. */
export function deleteEndedRefreshAnswers(db: Queryable, limit: number): Promise<number> {
  return deleteEnded(db, limit, { table: 'oidc_refresh_answers', since: 'expires_at' });
}

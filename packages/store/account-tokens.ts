import { hashSecret, mintSecret } from '#crypto';
import type { Queryable } from './database.ts';
import { deleteEnded } from './delete-ended.ts';
import { newId } from './id.ts';

/** What a token that was sent to somebody is for; a token for one thing is none for another. */
export type TokenPurpose = 'verify_email' | 'reset_password' | 'change_email' | 'undo_email' | 'invitation';

/** A token that is used once, by whoever got the mail. Its secret has 256 bits and is stored as SHA-256. */
export interface AccountToken {
  id: string;
  purpose: TokenPurpose;
  /** Whose it is; null for somebody who has no account yet. */
  userId: string | null;
  /** The address that it was sent to. */
  email: string;
  data: Record<string, unknown>;
  expiresAt: string;
}

const columns = `t.id, t.purpose, t.user_id as "userId", t.email, t.data, t.expires_at as "expiresAt"`;

/** Makes a token and returns its secret, which is in no row: for the link of a mail, in the same transaction. */
export async function createAccountToken(
  tx: Queryable,
  {
    purpose,
    userId,
    email,
    data = {},
    expiresInSeconds,
  }: Pick<AccountToken, 'purpose' | 'userId' | 'email'> & {
    data?: Record<string, unknown>;
    expiresInSeconds: number;
  },
): Promise<string> {
  const { secret, hash } = mintSecret();
  await tx.query(
    `insert into account_tokens (id, purpose, user_id, email, hash, data, expires_at)
     values ($1, $2, $3, $4, $5, $6, now() + $7::double precision * interval '1 second')`,
    [newId('acctok'), purpose, userId, email, hash, JSON.stringify(data), expiresInSeconds],
  );
  return secret;
}

/** The token behind a secret while it can be used, which it stays: for the page that a link opens. */
export async function findAccountToken(
  db: Queryable,
  purpose: TokenPurpose,
  secret: string,
): Promise<AccountToken | null> {
  const [row] = await db.query<AccountToken>(
    `select ${columns} from account_tokens t
     where t.hash = $1 and t.purpose = $2 and t.used_at is null and t.expires_at > now()`,
    [hashSecret(secret), purpose],
  );
  return row ?? null;
}

/** Uses a token up; null when it is unknown, for something else, used or too old. Of two calls at once, one gets it. */
export async function consumeAccountToken(
  tx: Queryable,
  purpose: TokenPurpose,
  secret: string,
): Promise<AccountToken | null> {
  const [row] = await tx.query<AccountToken>(
    `update account_tokens t set used_at = now()
     where t.hash = $1 and t.purpose = $2 and t.used_at is null and t.expires_at > now() returning ${columns}`,
    [hashSecret(secret), purpose],
  );
  return row ?? null;
}

/** Ends a user's unused tokens of a purpose: those of former mails, when a new one is sent or the thing is done. */
export async function endAccountTokens(tx: Queryable, purpose: TokenPurpose, userId: string): Promise<void> {
  await tx.query(
    'delete from account_tokens t where t.user_id = $1 and t.purpose = $2 and t.used_at is null',
    [userId, purpose],
  );
}

/** Ends the unused tokens of a purpose that were sent to an address. */
export async function endAccountTokensOfEmail(
  tx: Queryable,
  purpose: TokenPurpose,
  email: string,
): Promise<void> {
  await tx.query(
    `delete from account_tokens t
     where lower(t.email) = lower($1) and t.purpose = $2 and t.used_at is null`,
    [email, purpose],
  );
}

/** Ends a user's unused tokens of a purpose that are younger than `token`. */
export async function endYoungerAccountTokens(
  tx: Queryable,
  { id, purpose, userId }: AccountToken,
): Promise<void> {
  await tx.query(
    `delete from account_tokens t using account_tokens used
     where used.id = $1 and t.user_id = $2 and t.purpose = $3 and t.used_at is null and t.created_at > used.created_at`,
    [id, userId, purpose],
  );
}

/** Deletes up to `limit` tokens that have expired, and returns how many. */
export function deleteEndedAccountTokens(db: Queryable, limit: number): Promise<number> {
  return deleteEnded(db, limit, { table: 'account_tokens', since: 'expires_at' });
}

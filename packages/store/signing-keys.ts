import type { Queryable } from './database.ts';

/**
 * Where a key stands in its life. `waiting`: published, so that everyone knows it before it signs. `signing`.
 * `verifying`: published until the last token that it signed has expired. `retired`: only verifies cookies. `revoked`: it
 * leaked, and nothing of it is good.
 */
export type SigningKeyState = 'waiting' | 'signing' | 'verifying' | 'retired' | 'revoked';

/** A key that signs tokens, and from which the key of the cookies is derived. */
export interface SigningKey {
  /** The `kid` of RFC 7517. */
  id: string;
  publicJwk: Record<string, unknown>;
  /** Encrypted. */
  sealedPrivateJwk: Buffer;
  state: SigningKeyState;
  createdAt: string;
  signsFrom: string;
}

// A key signs until the next one begins, unless that was revoked before it could.
const withEnd = `(
  select s.*, (
    select min(n.signs_from) from signing_keys n
    where (n.signs_from, n.id) > (s.signs_from, s.id) and (n.revoked_at is null or n.revoked_at > n.signs_from)
  ) as signs_until from signing_keys s
)`;

// Tokens live for an hour, and a process may be late by some seconds to change
// over. Sessions live for 14 days.
const withState = `(
  select k.id, k.public_jwk as "publicJwk", k.sealed_private_jwk as "sealedPrivateJwk", k.created_at as "createdAt",
    k.signs_from as "signsFrom",
    case when k.revoked_at is not null then 'revoked'
      when k.signs_from > now() then 'waiting'
      when k.signs_until is null or k.signs_until > now() then 'signing'
      when k.signs_until > now() - interval '2 hours' then 'verifying'
      else 'retired'
    end as state
  from ${withEnd} k
)`;

/** All keys, the latest first. */
export function listSigningKeys(db: Queryable): Promise<SigningKey[]> {
  return db.query<SigningKey>(`select k.* from ${withState} k order by k."signsFrom" desc, k.id desc`);
}

/** The key with this id, unless no token of it can be good any more. The id is whatever stands in a token's header. */
export async function findSigningKey(db: Queryable, id: unknown): Promise<SigningKey | null> {
  // PostgreSQL takes no NUL.
  if (typeof id !== 'string' || id.includes('\0')) return null;
  const [row] = await db.query<SigningKey>(
    `select k.* from ${withState} k where k.id = $1 and k.state not in ('retired', 'revoked')`,
    [id],
  );
  return row ?? null;
}

/** The condition that a key of which an id is given, at `place`, was not revoked. */
export function signedBy(place: string): string {
  return `(${place}::text is null or exists (select from signing_keys s where s.id = ${place} and s.revoked_at is null))`;
}

/** Lets one transaction at a time decide about a new key; the keys can be read meanwhile. */
export async function lockSigningKeys(tx: Queryable): Promise<void> {
  await tx.query('lock table signing_keys in exclusive mode');
}

/** Publishes a key that signs in `signsInSeconds`. */
export async function insertSigningKey(
  tx: Queryable,
  key: Pick<SigningKey, 'id' | 'publicJwk' | 'sealedPrivateJwk'>,
  signsInSeconds: number,
): Promise<void> {
  await tx.query(
    `insert into signing_keys (id, public_jwk, sealed_private_jwk, signs_from)
     values ($1, $2, $3, now() + $4::double precision * interval '1 second')`,
    [key.id, JSON.stringify(key.publicJwk), key.sealedPrivateJwk, signsInSeconds],
  );
}

/** From now on nothing of this key is good. */
export async function markSigningKeyRevoked(tx: Queryable, id: string): Promise<void> {
  await tx.query('update signing_keys s set revoked_at = now() where s.id = $1', [id]);
}

/** Deletes the keys of which nothing is good any more: neither tokens nor sessions. */
export async function deleteEndedSigningKeys(tx: Queryable): Promise<void> {
  await tx.query(
    `delete from signing_keys s using ${withEnd} k
     where s.id = k.id and k.signs_until < now() - interval '15 days'`,
  );
}

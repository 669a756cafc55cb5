import type { Mode, Role, Window } from '#catalog';
import type { ApiKey } from './api-keys.ts';
import type { Queryable } from './database.ts';
import { deleteEnded } from './delete-ended.ts';
import { newId } from './id.ts';
import { type KeyMaker, makerJoins, memberGone, memberJoin } from './key-maker.ts';

/** A secret that waits for its first use, is in force, lives on for a while after it was exchanged, or was overtaken. */
export type SecretState = 'pending' | 'active' | 'retiring' | 'ended';

export interface NewSecret {
  hash: Buffer;
  hint: string;
}

/**
 * Exchanges a key's secret for a new one. The former one retires for `graceSeconds`, though never beyond the key's
 * own expiry; with 0 it and every other secret of the key are dead when the transaction commits. Dead ones are kept for
 * a while, so that a use of one can be told from a key that never was.
 */
export async function rotateApiKeySecret(
  tx: Queryable,
  key: ApiKey,
  secret: NewSecret,
  graceSeconds: number,
): Promise<void> {
  if (graceSeconds === 0) await endSecret(tx, key.id, 'pending');
  await retireActiveSecret(tx, key, graceSeconds);
  await insertSecret(tx, key.id, secret, 'active', null);
  await tx.query('update api_keys k set rotated_at = now(), updated_at = now() where k.id = $1', [key.id]);
}

/** Adds a secret that takes the place of the one in force with its first use; a former pending one is dead. */
export async function insertPendingSecret(
  tx: Queryable,
  key: ApiKey,
  secret: NewSecret,
  graceSeconds: number,
): Promise<void> {
  await endSecret(tx, key.id, 'pending');
  await insertSecret(tx, key.id, secret, 'pending', graceSeconds);
}

/**
 * The first use of a pending secret: it is in force now, and the former one's grace begins. False when another
 * request was first, or the secret is gone. Hold the key's lock.
 */
export async function confirmPendingSecret(tx: Queryable, key: ApiKey, secretId: string): Promise<boolean> {
  const [pending] = await tx.query<{ graceSeconds: number }>(
    `select s.grace_seconds as "graceSeconds" from api_key_secrets s where s.id = $1 and s.state = 'pending'`,
    [secretId],
  );
  if (!pending) return false;
  await retireActiveSecret(tx, key, pending.graceSeconds);
  await tx.query(`update api_key_secrets s set state = 'active', grace_seconds = null where s.id = $1`, [
    secretId,
  ]);
  await tx.query('update api_keys k set rotated_at = now(), updated_at = now() where k.id = $1', [key.id]);
  return true;
}

async function retireActiveSecret(tx: Queryable, key: ApiKey, graceSeconds: number): Promise<void> {
  await endSecret(tx, key.id, 'retiring');
  await tx.query(
    `update api_key_secrets s set state = 'retiring',
       expires_at = least(now() + $2::double precision * interval '1 second', $3::timestamptz)
     where s.key_id = $1 and s.state = 'active'`,
    [key.id, graceSeconds, key.expiresAt],
  );
}

async function endSecret(tx: Queryable, keyId: string, state: 'pending' | 'retiring'): Promise<void> {
  await tx.query(
    `update api_key_secrets s set state = 'ended', grace_seconds = null, expires_at = least(s.expires_at, now())
     where s.key_id = $1 and s.state = $2`,
    [keyId, state],
  );
}

async function insertSecret(
  tx: Queryable,
  keyId: string,
  { hash, hint }: NewSecret,
  state: SecretState,
  graceSeconds: number | null,
): Promise<void> {
  await tx.query(
    `insert into api_key_secrets (id, key_id, hash, hint, state, grace_seconds) values ($1, $2, $3, $4, $5, $6)`,
    [newId('sec'), keyId, hash, hint, state, graceSeconds],
  );
}

/** How a key's rotation stands: the secret that waits, and the one that retires with who still uses it. */
export interface Rotation {
  pending: { hint: string; createdAt: string; graceSeconds: number } | null;
  retiring: {
    hint: string;
    expiresAt: string;
    usedBy: { ip_address: string; requests: number; last_used_at: string }[];
  } | null;
}

export async function findRotation(db: Queryable, keyId: string): Promise<Rotation> {
  const [pending] = await db.query<{ hint: string; createdAt: string; graceSeconds: number }>(
    `select s.hint, s.created_at as "createdAt", s.grace_seconds as "graceSeconds" from api_key_secrets s
     where s.key_id = $1 and s.state = 'pending'`,
    [keyId],
  );
  const [retiring] = await db.query<{ id: string; hint: string; expiresAt: string }>(
    `select s.id, s.hint, s.expires_at as "expiresAt" from api_key_secrets s
     where s.key_id = $1 and s.state = 'retiring' and s.expires_at > now()`,
    [keyId],
  );
  if (!retiring) return { pending: pending ?? null, retiring: null };
  const usedBy = await db.query<{ ip_address: string; requests: number; last_used_at: string }>(
    `select u.ip_address, u.requests::int, u.last_used_at from retiring_secret_uses u
     where u.secret_id = $1 order by u.last_used_at desc limit 100`,
    [retiring.id],
  );
  const { hint, expiresAt } = retiring;
  return { pending: pending ?? null, retiring: { hint, expiresAt, usedBy } };
}

/** Adds to the counts of who still uses retiring secrets, many at once; a secret that is gone is left out. */
export async function noteRetiringSecretUses(
  db: Queryable,
  uses: readonly { secretId: string; ipAddress: string; requests: number; at: string }[],
): Promise<void> {
  await db.query(
    `insert into retiring_secret_uses as r (secret_id, ip_address, requests, last_used_at)
     select u.id, u.ip, u.requests, u.at
     from unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[]) as u (id, ip, requests, at)
     join api_key_secrets s on s.id = u.id
     on conflict (secret_id, ip_address) do update set
       requests = r.requests + excluded.requests, last_used_at = greatest(r.last_used_at, excluded.last_used_at)`,
    [
      uses.map((use) => use.secretId),
      uses.map((use) => use.ipAddress),
      uses.map((use) => use.requests),
      uses.map((use) => use.at),
    ],
  );
}

/**
 * Deletes up to `limit` former secrets that ended 30 days ago, with who used them, and returns how many. Until
 * then a request with one is told that its grace is over, and afterwards that there is no such key.
 */
export function deleteEndedSecrets(db: Queryable, limit: number): Promise<number> {
  return deleteEnded(db, limit, {
    table: 'api_key_secrets',
    since: 'expires_at',
    kept: '30 days',
  });
}

/** What one look-up by hash tells: the key, its organization's plan, and what its maker may do today. */
export interface ApiKeyCredential extends KeyMaker {
  id: string;
  secretId: string;
  secretState: SecretState;
  /** A former secret that is dead: its grace is over, or it was overtaken. */
  secretEnded: boolean;
  organizationId: string;
  mode: Mode;
  scopes: string[];
  allowedIps: string[];
  expiresAt: string | null;
  expired: boolean;
  paused: boolean;
  revoked: boolean;
  /** The maker's role now; null when there is no maker or it is no member any more. */
  makerRole: Role | null;
  /** What the client may ask for; null when there is none, or it is gone or may not act in its own name any more. */
  clientScopes: string[] | null;
  /** What the user lets the client do; null when there is no consent, or it was withdrawn. */
  consentedScopes: string[] | null;
  plan: string;
  /** What the organization has negotiated, and what the key has of its own. */
  windows: Window[] | null;
  keyWindows: Window[];
  organizationAllowedIps: string[];
  /** The maker was removed or disabled, and the organization lets the keys of removed members stop. */
  stoppedWithMaker: boolean;
}

const keyColumns = `k.id, s.id as "secretId", s.state as "secretState",
  coalesce(s.expires_at <= now(), false) as "secretEnded", k.organization_id as "organizationId", k.mode,
  k.scopes, k.allowed_ips as "allowedIps", k.expires_at as "expiresAt",
  coalesce(k.expires_at <= now(), false) as expired, k.paused_at is not null as paused,
  k.revoked_at is not null as revoked, k.created_by as "createdBy", k.client_id as "clientId",
  k.consent_id as "consentId", m.role as "makerRole", o.plan, o.windows,
  k.windows as "keyWindows", o.allowed_ips as "organizationAllowedIps"`;

const keyTables = `api_key_secrets s
  join api_keys k on k.id = s.key_id
  join organizations o on o.id = k.organization_id`;

const credential = `select ${keyColumns}, c.scopes as "clientScopes", n.scopes as "consentedScopes",
    o.removed_member_keys = 'stop' and ${memberGone} as "stoppedWithMaker"
  from ${keyTables} ${makerJoins}`;

// Made once: a text this long takes time to put together and to look up. For most keys the first one says all, at half of
// the second one's cost; there a key that could stop with its maker is told as stopped.
const shortByHash = `select ${keyColumns}, null as "clientScopes", null as "consentedScopes",
    o.removed_member_keys = 'stop' and k.created_by is not null as "stoppedWithMaker"
  from ${keyTables} ${memberJoin} where s.hash = $1`;
const wholeByHash = `${credential} where s.hash = $1`;

/** The key behind a secret's hash, in any state. Asked on every request. */
export async function findApiKeyCredential(db: Queryable, hash: Buffer): Promise<ApiKeyCredential | null> {
  const [short] = await db.query<ApiKeyCredential>(shortByHash, [hash]);
  if (!short) return null;
  if (short.clientId === null && !short.stoppedWithMaker) return short;
  const [whole] = await db.query<ApiKeyCredential>(wholeByHash, [hash]);
  return whole ?? null;
}

/** The same for the secret in force of an organization's key, to tell what a request with it would meet. */
export async function findApiKeyCredentialById(
  db: Queryable,
  organizationId: string,
  keyId: string,
): Promise<ApiKeyCredential | null> {
  const [row] = await db.query<ApiKeyCredential>(
    `${credential}
     where s.key_id = $1 and s.state = 'active' and k.organization_id = $2`,
    [keyId, organizationId],
  );
  return row ?? null;
}

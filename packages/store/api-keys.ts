import type { Mode, Role, Window } from '#catalog';
import type { Queryable } from './database.ts';
import { newId } from './id.ts';

/** An API key as its organization sees it: all but the key itself, which nobody can read again. */
export interface ApiKey {
  id: string;
  organizationId: string;
  mode: Mode;
  name: string;
  /** The prefix and the last four characters. */
  hint: string;
  scopes: string[];
  /** Addresses and CIDR ranges that may use it; empty allows all. */
  allowedIps: string[];
  /** The user by whose right it was made; null when the operator made it. */
  createdBy: string | null;
  expiresAt: string | null;
  createdAt: string;
  updatedAt: string;
}

const columns = `k.id, k.organization_id as "organizationId", k.mode, k.name, k.hint, k.scopes,
  k.allowed_ips as "allowedIps", k.created_by as "createdBy", k.expires_at as "expiresAt",
  k.created_at as "createdAt", k.updated_at as "updatedAt"`;

export interface NewApiKey {
  organizationId: string;
  mode: Mode;
  name: string;
  hash: Buffer;
  hint: string;
  scopes: readonly string[];
  allowedIps: readonly string[];
  createdBy: string | null;
  expiresAt: string | null;
}

export async function insertApiKey(db: Queryable, key: NewApiKey): Promise<ApiKey> {
  const [row] = await db.query<ApiKey>(
    `insert into api_keys as k
       (id, organization_id, mode, name, hash, hint, scopes, allowed_ips, created_by, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning ${columns}`,
    [
      newId('key'),
      key.organizationId,
      key.mode,
      key.name,
      key.hash,
      key.hint,
      key.scopes,
      key.allowedIps,
      key.createdBy,
      key.expiresAt,
    ],
  );
  if (!row) throw new Error('insert returned no row');
  return row;
}

/** Keys that are not revoked, newest first; those of one `mode` when one is given. */
export function listApiKeys(
  db: Queryable,
  organizationId: string,
  { limit, cursor, mode }: { limit: number; cursor: string | null; mode: Mode | null },
): Promise<ApiKey[]> {
  return db.query<ApiKey>(
    `select ${columns} from api_keys k
     where k.organization_id = $1 and k.revoked_at is null
       and ($2::text is null or k.id < $2) and ($4::text is null or k.mode = $4)
     order by k.id desc limit $3`,
    [organizationId, cursor, limit, mode],
  );
}

/** A key that is not revoked; `lock` holds its row until the transaction ends. */
export async function findApiKey(
  db: Queryable,
  organizationId: string,
  id: string,
  { lock = false } = {},
): Promise<ApiKey | null> {
  const [row] = await db.query<ApiKey>(
    `select ${columns} from api_keys k
     where k.id = $1 and k.organization_id = $2 and k.revoked_at is null ${lock ? 'for update' : ''}`,
    [id, organizationId],
  );
  return row ?? null;
}

export async function updateApiKey(
  tx: Queryable,
  id: string,
  change: Pick<ApiKey, 'name' | 'scopes' | 'allowedIps' | 'expiresAt'>,
): Promise<ApiKey> {
  const [row] = await tx.query<ApiKey>(
    `update api_keys k set name = $2, scopes = $3, allowed_ips = $4, expires_at = $5, updated_at = now()
     where k.id = $1 returning ${columns}`,
    [id, change.name, change.scopes, change.allowedIps, change.expiresAt],
  );
  if (!row) throw new Error(`API key ${id} vanished under its lock`);
  return row;
}

export async function revokeApiKey(tx: Queryable, id: string): Promise<void> {
  await tx.query('update api_keys k set revoked_at = now() where k.id = $1', [id]);
}

/** What one look-up by hash tells: the key, its organization's plan, and what its maker may do today. */
export interface ApiKeyCredential {
  id: string;
  organizationId: string;
  mode: Mode;
  scopes: string[];
  allowedIps: string[];
  expiresAt: string | null;
  expired: boolean;
  revoked: boolean;
  createdBy: string | null;
  /** The maker's role now; null when there is no maker or it is no member any more. */
  makerRole: Role | null;
  plan: string;
  windows: Window[] | null;
}

/** The key behind a hash, in any state. Asked on every request. */
export async function findApiKeyCredential(db: Queryable, hash: Buffer): Promise<ApiKeyCredential | null> {
  const [row] = await db.query<ApiKeyCredential>(
    `select k.id, k.organization_id as "organizationId", k.mode, k.scopes, k.allowed_ips as "allowedIps",
       k.expires_at as "expiresAt", coalesce(k.expires_at <= now(), false) as expired,
       k.revoked_at is not null as revoked, k.created_by as "createdBy", m.role as "makerRole", o.plan, o.windows
     from api_keys k
     join organizations o on o.id = k.organization_id
     left join memberships m on m.organization_id = k.organization_id and m.user_id = k.created_by
     where k.hash = $1`,
    [hash],
  );
  return row ?? null;
}

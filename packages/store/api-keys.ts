import type { Mode, Window } from '#catalog';
import type { Queryable } from './database.ts';
import { newId } from './id.ts';
import { clientGone, type KeyMaker, makerJoins, memberGone } from './key-maker.ts';

export const apiKeyStatuses = ['active', 'rotating', 'paused', 'expired', 'revoked'] as const;
export type ApiKeyStatus = (typeof apiKeyStatuses)[number];

/** An API key as its organization sees it: all but its secrets, which nobody can read again. */
export interface ApiKey extends KeyMaker {
  id: string;
  organizationId: string;
  mode: Mode;
  name: string;
  status: ApiKeyStatus;
  /** The prefix and the last four characters of the secret in force. */
  hint: string;
  scopes: string[];
  /** Addresses and CIDR ranges that may use it; empty allows all. */
  allowedIps: string[];
  /** Limits of its own, beside those of the plan. */
  windows: Window[];
  metadata: Record<string, string>;
  /** Whether a part of its maker is gone: the user is no member any more or disabled, or the client or the consent has ended. */
  makerRemoved: boolean;
  expiresAt: string | null;
  /** When the secret was last exchanged for a new one. */
  rotatedAt: string | null;
  lastUsedAt: string | null;
  lastUsedIp: string | null;
  lastUsedUserAgent: string | null;
  createdAt: string;
  updatedAt: string;
}

/** A key that stops with its maker is as good as paused, for as long as that lasts. */
const status = `case when k.revoked_at is not null then 'revoked' when k.expires_at <= now() then 'expired'
  when k.paused_at is not null or ${clientGone} or ${memberGone} and o.removed_member_keys = 'stop' then 'paused' when r.key_id is not null then 'rotating' else 'active' end`;

const columns = `k.id, k.organization_id as "organizationId", k.mode, k.name, ${status} as status,
  coalesce(a.hint, '') as hint, k.scopes, k.allowed_ips as "allowedIps", k.windows, k.metadata,
  k.created_by as "createdBy", k.client_id as "clientId", k.consent_id as "consentId",
  ${memberGone} or ${clientGone} as "makerRemoved", k.expires_at as "expiresAt",
  k.rotated_at as "rotatedAt", k.last_used_at as "lastUsedAt", k.last_used_ip as "lastUsedIp",
  k.last_used_user_agent as "lastUsedUserAgent", k.created_at as "createdAt", k.updated_at as "updatedAt"`;

const tables = `api_keys k
  join organizations o on o.id = k.organization_id
  left join api_key_secrets a on a.key_id = k.id and a.state = 'active'
  ${makerJoins}
  left join lateral (
    select s.key_id from api_key_secrets s
    where s.key_id = k.id and (s.state = 'pending' or s.expires_at > now()) limit 1
  ) r on true`;

export interface NewApiKey extends Partial<KeyMaker> {
  organizationId: string;
  mode: Mode;
  name: string;
  hash: Buffer;
  hint: string;
  scopes: readonly string[];
  allowedIps: readonly string[];
  windows?: readonly Window[];
  metadata?: Record<string, string>;
  createdBy: string | null;
  expiresAt: string | null;
}

/** Makes a key with its first secret, in one statement. */
export async function insertApiKey(db: Queryable, key: NewApiKey): Promise<ApiKey> {
  const id = newId('key');
  await db.query(
    `with made as (
       insert into api_keys (id, organization_id, mode, name, scopes, allowed_ips, metadata, created_by, expires_at, windows,
         client_id, consent_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $13, $14, $15) returning id
     )
     insert into api_key_secrets (id, key_id, hash, hint, state) select $10, made.id, $11, $12, 'active' from made`,
    [
      id,
      key.organizationId,
      key.mode,
      key.name,
      key.scopes,
      key.allowedIps,
      JSON.stringify(key.metadata ?? {}),
      key.createdBy,
      key.expiresAt,
      newId('sec'),
      key.hash,
      key.hint,
      JSON.stringify(key.windows ?? []),
      key.clientId ?? null,
      key.consentId ?? null,
    ],
  );
  return mustFind(db, key.organizationId, id);
}

/** The fields that lists of keys are sorted by, and their columns. */
const sortColumns = {
  created_at: 'k.created_at',
  name: 'k.name',
  expires_at: 'k.expires_at',
  last_used_at: 'k.last_used_at',
  rotated_at: 'k.rotated_at',
  status: `(${status})`,
} as const;

export type ApiKeySort = keyof typeof sortColumns;

const times = ['created_at', 'last_used_at', 'rotated_at', 'expires_at'] as const;

export interface ApiKeyQuery {
  limit: number;
  mode: Mode | null;
  /** Null shows all but revoked ones. */
  status: ApiKeyStatus | null;
  /** From a time on, and before another one; a key that has no such time is left out. */
  within?: Record<(typeof times)[number], { from: string | undefined; to: string | undefined }>;
  sort: { field: ApiKeySort; descending: boolean };
  /** The sort field's value and the id of the last key of the page before. */
  after: { value: string | null; id: string } | null;
}

/** A page of an organization's keys; a missing time comes before every other. */
export function listApiKeys(db: Queryable, organizationId: string, query: ApiKeyQuery): Promise<ApiKey[]> {
  const { field, descending } = query.sort;
  const key = `coalesce(to_jsonb(${sortColumns[field]}), 'null'::jsonb)`;
  const type = field === 'name' || field === 'status' ? 'text' : 'timestamptz';
  const [direction, comparison] = descending ? ['desc', '<'] : ['asc', '>'];
  const values: unknown[] = [
    organizationId,
    query.mode,
    query.status,
    query.limit,
    query.after?.value ?? null,
    query.after?.id ?? null,
  ];
  const within = times.flatMap((time) => {
    const { from, to } = query.within?.[time] ?? {};
    return [
      ...(from === undefined ? [] : [`and k.${time} >= $${values.push(from)}`]),
      ...(to === undefined ? [] : [`and k.${time} < $${values.push(to)}`]),
    ];
  });
  return db.query<ApiKey>(
    `select ${columns} from ${tables}
     where k.organization_id = $1 and ($2::text is null or k.mode = $2)
       and case when $3::text is null then k.revoked_at is null else ${status} = $3 end
       and ($6::text is null or (${key}, k.id) ${comparison} (coalesce(to_jsonb($5::${type}), 'null'::jsonb), $6))
       ${within.join(' ')}
     order by ${key} ${direction}, k.id ${direction} limit $4`,
    values,
  );
}

/** A key in whatever state. */
export async function findApiKey(db: Queryable, organizationId: string, id: string): Promise<ApiKey | null> {
  const [row] = await db.query<ApiKey>(
    `select ${columns} from ${tables} where k.id = $1 and k.organization_id = $2`,
    [id, organizationId],
  );
  return row ?? null;
}

/** The same, with its row held until the transaction ends. */
export async function lockApiKey(tx: Queryable, organizationId: string, id: string): Promise<ApiKey | null> {
  await tx.query('select from api_keys k where k.id = $1 and k.organization_id = $2 for update', [
    id,
    organizationId,
  ]);
  return findApiKey(tx, organizationId, id);
}

async function mustFind(db: Queryable, organizationId: string, id: string): Promise<ApiKey> {
  const found = await findApiKey(db, organizationId, id);
  if (!found) throw new Error(`API key ${id} vanished under its lock`);
  return found;
}

export async function updateApiKey(
  tx: Queryable,
  { id, organizationId }: ApiKey,
  change: Pick<ApiKey, 'name' | 'scopes' | 'allowedIps' | 'windows' | 'metadata' | 'expiresAt'>,
): Promise<ApiKey> {
  await tx.query(
    `update api_keys k set name = $2, scopes = $3, allowed_ips = $4, metadata = $5, expires_at = $6, windows = $7,
       updated_at = now()
     where k.id = $1`,
    [
      id,
      change.name,
      change.scopes,
      change.allowedIps,
      JSON.stringify(change.metadata),
      change.expiresAt,
      JSON.stringify(change.windows),
    ],
  );
  // A former secret never outlives its key.
  await tx.query(
    `update api_key_secrets s set expires_at = least(s.expires_at, $2) where s.key_id = $1 and s.state = 'retiring'`,
    [id, change.expiresAt],
  );
  return mustFind(tx, organizationId, id);
}

/**
 * Lets an expired key live once more for as long as it was to live since it was made or last rotated; null when that
 * was no time at all.
 */
export async function renewApiKey(tx: Queryable, { id, organizationId }: ApiKey): Promise<ApiKey | null> {
  const renewed = await tx.query(
    `update api_keys k set expires_at = now() + (k.expires_at - coalesce(k.rotated_at, k.created_at)), updated_at = now()
     where k.id = $1 and k.expires_at > coalesce(k.rotated_at, k.created_at) returning k.id`,
    [id],
  );
  return renewed.length === 0 ? null : mustFind(tx, organizationId, id);
}

/** Stops a key until it is resumed, or lets it go on. */
export async function setApiKeyPaused(
  tx: Queryable,
  { id, organizationId }: ApiKey,
  paused: boolean,
): Promise<ApiKey> {
  await tx.query(
    'update api_keys k set paused_at = case when $2 then now() end, updated_at = now() where k.id = $1',
    [id, paused],
  );
  return mustFind(tx, organizationId, id);
}

/** Ends a key for good. Its secrets stay, so that a later use of one can be told from a key that never was. */
export async function revokeApiKey(
  tx: Queryable,
  { id, organizationId }: Pick<ApiKey, 'id' | 'organizationId'>,
): Promise<ApiKey> {
  await tx.query('update api_keys k set revoked_at = now(), updated_at = now() where k.id = $1', [id]);
  return mustFind(tx, organizationId, id);
}

/** Notes the last use of keys, many at once. A time before the noted one changes nothing. */
export async function noteApiKeyUses(
  db: Queryable,
  uses: readonly { keyId: string; at: string; ipAddress: string; userAgent: string | null }[],
): Promise<void> {
  await db.query(
    `update api_keys k set last_used_at = u.at, last_used_ip = u.ip, last_used_user_agent = u.agent
     from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[]) as u (id, at, ip, agent)
     where k.id = u.id and (k.last_used_at is null or k.last_used_at < u.at)`,
    [
      uses.map((use) => use.keyId),
      uses.map((use) => use.at),
      uses.map((use) => use.ipAddress),
      uses.map((use) => use.userAgent),
    ],
  );
}

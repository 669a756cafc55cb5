import { type Mode, missingScopes, Problem, type Product, wireTime } from '#catalog';
import { type ApiKey, findApiKey, lockApiKey, type Queryable } from '#store';
import type { Caller } from '../caller.ts';
import { lackedScope } from '../credentials/require-scope.ts';
import type { ApiKeyAnswer } from './api-key-answers.ts';
import { recordChange } from './audit.ts';
import type { ApiRequest } from './route.ts';

/** The one mode whose keys a caller may see; null for a live caller, who sees both. */
export function onlyMode(caller: Caller): Mode | null {
  return caller.mode === 'test' ? 'test' : null;
}

/** The key that the path names. Problem: `not_found`, also for a key that the caller may not see. */
export async function findKey(db: Queryable, { caller, params: [id = ''] }: ApiRequest): Promise<ApiKey> {
  return visible(caller, await findApiKey(db, caller.organizationId, id), id);
}

/**
 * The same, held until the transaction ends, to be changed. Problems: `not_found`; `conflict` when it is revoked,
 * which is final.
 */
export async function lockKey(tx: Queryable, { caller, params: [id = ''] }: ApiRequest): Promise<ApiKey> {
  const key = visible(caller, await lockApiKey(tx, caller.organizationId, id), id);
  if (key.status === 'revoked') throw new Problem('conflict', 'The key is revoked, and that is final.');
  return key;
}

function visible(caller: Caller, key: ApiKey | null, id: string): ApiKey {
  if (!key || key.mode !== (onlyMode(caller) ?? key.mode)) throw new Problem('not_found', `no key ${id}`);
  return key;
}

/** Problem: `insufficient_scope` when a key would get, or has, more than the caller holds. */
export function requireHeld(product: Product, caller: Caller, scopes: readonly string[]): void {
  const [missing] = missingScopes(product, caller.scopes, scopes);
  if (missing !== undefined) throw lackedScope(product, caller, missing, `The key would have ${missing}.`);
}

/** Whether a caller changes the very key that it uses. */
export function isOwnKey({ credential }: Caller, key: ApiKey): boolean {
  return credential.type === 'api_key' && credential.keyId === key.id;
}

/** The audit entry of a change of a key; `verb` in the past. */
export function recordKeyChange(
  tx: Queryable,
  request: ApiRequest,
  verb: string,
  { id, mode }: ApiKey,
  { before = null, after = null }: { before?: unknown; after?: unknown },
): Promise<void> {
  const [action, targetType] = [`api_key.${verb}`, 'api_key'];
  return recordChange(tx, request, { mode, action, targetType, targetId: id, before, after });
}

/** A key as the API shows it, its scopes under the product's name for them. */
export function presentKey(key: ApiKey, scopesField: string): ApiKeyAnswer {
  const time = (at: string | null) => at && wireTime(at);
  return {
    id: key.id,
    name: key.name,
    [scopesField]: key.scopes,
    mode: key.mode,
    status: key.status,
    hint: key.hint,
    allowed_ips: key.allowedIps,
    rate_limits: key.windows.map(({ limit, seconds }) => ({ limit, seconds })),
    metadata: key.metadata,
    expires_at: time(key.expiresAt),
    last_used_at: time(key.lastUsedAt),
    last_used_ip: key.lastUsedIp,
    last_used_user_agent: key.lastUsedUserAgent,
    last_rotated_at: time(key.rotatedAt),
    created_by: key.createdBy,
    client_id: key.clientId,
    maker_removed: key.makerRemoved,
    created_at: wireTime(key.createdAt),
    updated_at: wireTime(key.updatedAt),
  };
}

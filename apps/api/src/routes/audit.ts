import type { Mode } from '#catalog';
import { insertAuditEntry, type Queryable } from '#store';
import type { ApiRequest } from './route.ts';

/** A change as an audit entry tells it. `before` and `after` are what the API would have shown; no secrets. */
export interface Change {
  mode: Mode;
  /** `device.created`: the kind of thing and a verb in the past. */
  action: string;
  targetType: string;
  targetId: string;
  before: unknown;
  after: unknown;
}

/** Writes the audit entry of a change into the transaction that makes it. */
export function recordChange(tx: Queryable, request: ApiRequest, change: Change): Promise<void> {
  const { caller, requestId, ipAddress } = request;
  const { credential, organizationId } = caller;
  const actor =
    credential.type === 'api_key'
      ? { actorType: 'api_key' as const, actorId: credential.keyId }
      : { actorType: 'user' as const, actorId: credential.userId };
  return insertAuditEntry(tx, { organizationId, ...actor, ...change, requestId, ipAddress });
}

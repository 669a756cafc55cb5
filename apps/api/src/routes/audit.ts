import type { Mode } from '#catalog';
import { type Actor, insertAuditEntry, type Queryable } from '#store';
import type { Caller } from '../caller.ts';
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
  return insertAuditEntry(tx, { ...actorOf(request), ...change });
}

/** The caller as an audit entry names it. */
export function actorOf({ caller, requestId, ipAddress }: ApiRequest): Actor {
  const { credential, organizationId } = caller;
  return { organizationId, ...actorOfCredential(credential), requestId, ipAddress };
}

function actorOfCredential(
  credential: Caller['credential'],
): Pick<Actor, 'actorType' | 'actorId' | 'clientId'> {
  switch (credential.type) {
    case 'api_key':
      return { actorType: 'api_key', actorId: credential.keyId };
    case 'access_token':
      return { actorType: 'user', actorId: credential.userId, clientId: credential.clientId };
    case 'client':
      return { actorType: 'client', actorId: credential.clientId };
  }
}

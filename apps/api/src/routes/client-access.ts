import { Problem } from '#catalog';
import { type Client, findClientOfOrganization, lockClient as lockRow, type Queryable } from '#store';
import { recordChange } from './audit.ts';
import type { ApiRequest } from './route.ts';

/** The client that the path names. Problem: `not_found`. */
export async function findClient(db: Queryable, { caller, params: [id = ''] }: ApiRequest): Promise<Client> {
  return found(await findClientOfOrganization(db, caller.organizationId, id), id);
}

/** The same, held until the transaction ends, to be changed. */
export async function lockClient(tx: Queryable, { caller, params: [id = ''] }: ApiRequest): Promise<Client> {
  return found(await lockRow(tx, caller.organizationId, id), id);
}

function found(client: Client | null, id: string): Client {
  if (!client) throw new Problem('not_found', `no client ${id}`);
  return client;
}

/** Whether a client proves itself with a secret. */
export function needsSecret({ authMethod }: Client): boolean {
  return authMethod === 'client_secret_basic' || authMethod === 'client_secret_post';
}

/** The audit entry of a change of a client, or of its secrets. */
export function recordClientChange(
  tx: Queryable,
  request: ApiRequest,
  action: string,
  id: string,
  { before = null, after = null }: { before?: unknown; after?: unknown },
): Promise<void> {
  return recordChange(tx, request, {
    mode: 'live',
    action,
    targetType: 'client',
    targetId: id,
    before,
    after,
  });
}

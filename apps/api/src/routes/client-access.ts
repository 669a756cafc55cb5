import { Problem, type Product, planHasOauth } from '#catalog';
import { type Client, findClientOfOrganization, lockClient as lockRow, type Queryable } from '#store';
import type { Caller } from '../caller.ts';
import { requireLive } from '../credentials/require-live.ts';
import { recordChange } from './audit.ts';
import type { ApiRequest } from './route.ts';

/** The client that the path names. Problems: `live_mode_required`, `not_found`. */
export async function findClient(db: Queryable, { caller, params: [id = ''] }: ApiRequest): Promise<Client> {
  requireLive(caller);
  return found(await findClientOfOrganization(db, caller.organizationId, id), id);
}

/** The same, held until the transaction ends, to be changed. */
export async function lockClient(tx: Queryable, { caller, params: [id = ''] }: ApiRequest): Promise<Client> {
  requireLive(caller);
  return found(await lockRow(tx, caller.organizationId, id), id);
}

function found(client: Client | null, id: string): Client {
  if (!client) throw new Problem('not_found', `no client ${id}`);
  return client;
}

/** Problem: `plan_required` when the plan of the caller's organization has no OAuth. */
export function requireOauthPlan(product: Product, { plan }: Caller): void {
  if (planHasOauth(product, plan)) return;
  const plans = product.oauth.plans.join(' or ');
  const mend = `Take the plan ${plans}; the organization has ${plan}.`;
  throw new Problem('plan_required', `OAuth clients come with the plan ${plans}.`, { mend });
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

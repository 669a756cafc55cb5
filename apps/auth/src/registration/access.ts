import type { Request, Response } from 'express';
import { errors } from 'oidc-provider';
import { missingScopes, type Product, planHasOauth } from '#catalog';
import { matchesHash } from '#crypto';
import { clientAddress, refuseUnstorable, requestIdOf } from '#http';
import {
  type Database,
  findClientRegistration,
  insertAuditEntry,
  lockClient,
  type OwnedClient,
  type Queryable,
  type UsableRegistrationToken,
} from '#store';

export interface RegistrationContext {
  product: Product;
  db: Database;
  issuer: string;
}

export type ClientRequest = Request<{ id: string }>;

/**
 * The client of the path, held until the transaction ends, and what its registration allows. Throws `invalid_token`,
 * also when there is no such client, so that nobody learns which there are. Problem: `malformed_request`.
 */
export async function authenticated(tx: Queryable, request: ClientRequest) {
  const token = bearerOf(request);
  refuseUnstorable(request.params.id);
  const registration = await findClientRegistration(tx, request.params.id);
  if (!registration || !matchesHash(token, registration.hash)) throw new errors.InvalidToken('unknown');
  const client = await lockClient(tx, registration.organizationId, request.params.id);
  // A second look: an administrator may have cut its scopes before the lock.
  const { scopes, plan } = (await findClientRegistration(tx, request.params.id)) ?? registration;
  if (!client) throw new errors.InvalidToken('the client was deleted at the same moment');
  return { token, client, scopes, plan };
}

/** Throws `invalid_token` when who made the token is gone, or could not make it with the role of today. */
export function requireMaker(
  product: Product,
  { createdBy, makerRole, scopes }: Pick<UsableRegistrationToken, 'createdBy' | 'makerRole' | 'scopes'>,
): void {
  if (createdBy === null) return;
  const held = makerRole === null ? [] : product.roles[makerRole];
  const [missing] = missingScopes(product, held, scopes);
  if (missing !== undefined) throw new errors.InvalidToken(`its maker does not have ${missing} any more`);
}

/** Throws `access_denied` when the plan of an organization has no OAuth. */
export function requirePlan(product: Product, plan: string): void {
  if (!planHasOauth(product, plan)) {
    throw new errors.AccessDenied('the plan of the organization has no OAuth');
  }
}

/** The bearer token of a request; one that nobody has when it brings none. */
export function bearerOf({ headers }: Pick<Request, 'headers'>): string {
  return /^bearer +(\S+)$/i.exec(headers.authorization?.trim() ?? '')?.[1] ?? '';
}

/** The audit entry of what a client did with its own registration; `verb` in the past. */
export function record(
  tx: Queryable,
  { request, response }: { request: ClientRequest | Request; response: Response },
  verb: string,
  { id, organizationId }: OwnedClient,
  { before = null, after = null }: { before?: unknown; after?: unknown },
): Promise<void> {
  return insertAuditEntry(tx, {
    organizationId,
    mode: 'live',
    actorType: 'client',
    actorId: id,
    action: `client.${verb}`,
    targetType: 'client',
    targetId: id,
    before,
    after,
    requestId: requestIdOf(response),
    ipAddress: clientAddress(request),
  });
}

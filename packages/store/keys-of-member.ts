import { intersectScopes, type Mode, type Product } from '#catalog';
import type { Actor } from './actor.ts';
import { insertAuditEntry } from './audit.ts';
import type { Queryable } from './database.ts';
import type { Member } from './memberships.ts';

/**
 * Cuts the keys that a member made to what the member's role allows, for good: once the member is gone, no role holds
 * them back any more. Each key that changes gets an audit entry.
 */
export async function cutKeysOfMember(
  tx: Queryable,
  product: Product,
  { organizationId, actorType, actorId, requestId, ipAddress }: Actor,
  { userId, role }: Pick<Member, 'userId' | 'role'>,
): Promise<void> {
  const keys = await tx.query<{ id: string; mode: Mode; scopes: string[] }>(
    `select k.id, k.mode, k.scopes from api_keys k
     where k.organization_id = $1 and k.created_by = $2 and k.revoked_at is null order by k.id for update`,
    [organizationId, userId],
  );
  for (const { id, mode, scopes } of keys) {
    const kept = intersectScopes(product, scopes, product.roles[role]);
    if (kept.length === scopes.length && kept.every((scope) => scopes.includes(scope))) continue;
    await tx.query('update api_keys k set scopes = $2, updated_at = now() where k.id = $1', [id, kept]);
    await insertAuditEntry(tx, {
      ...{ organizationId, actorType, actorId, requestId, ipAddress, mode },
      action: 'api_key.updated',
      targetType: 'api_key',
      targetId: id,
      before: { scopes },
      after: { scopes: kept },
    });
  }
}

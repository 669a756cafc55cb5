import { intersectScopes, type Mode, type Product } from '#catalog';
import type { Actor } from './actor.ts';
import { insertAuditEntry } from './audit.ts';
import type { Queryable } from './database.ts';
import type { Member } from './memberships.ts';

/**
 * Cuts the keys that a member made to what the member's role allows, for good: once the member is gone, no role holds
 * them back any more. Where the organization wants that they stop, they are paused, so that none wakes when the person comes
 * back. Each key that changes gets an audit entry.
 */
export async function cutKeysOfMember(
  tx: Queryable,
  product: Product,
  { organizationId, actorType, actorId, requestId, ipAddress }: Actor,
  { userId, role }: Pick<Member, 'userId' | 'role'>,
): Promise<void> {
  const keys = await tx.query<{ id: string; mode: Mode; scopes: string[]; paused: boolean; stops: boolean }>(
    `select k.id, k.mode, k.scopes, k.paused_at is not null as paused, o.removed_member_keys = 'stop' as stops
     from api_keys k join organizations o on o.id = k.organization_id
     where k.organization_id = $1 and k.created_by = $2 and k.revoked_at is null order by k.id for update of k`,
    [organizationId, userId],
  );
  for (const { id, mode, scopes, paused, stops } of keys) {
    const kept = intersectScopes(product, scopes, product.roles[role]);
    const cut = kept.length < scopes.length || !kept.every((scope) => scopes.includes(scope));
    const pause = stops && !paused;
    if (!cut && !pause) continue;
    await tx.query(
      `update api_keys k set scopes = $2, paused_at = case when $3 then now() else k.paused_at end, updated_at = now()
       where k.id = $1`,
      [id, kept, pause],
    );
    await insertAuditEntry(tx, {
      ...{ organizationId, actorType, actorId, requestId, ipAddress, mode },
      action: 'api_key.updated',
      targetType: 'api_key',
      targetId: id,
      before: { ...(cut && { scopes }), ...(pause && { paused: false }) },
      after: { ...(cut && { scopes: kept }), ...(pause && { paused: true }) },
    });
  }
}

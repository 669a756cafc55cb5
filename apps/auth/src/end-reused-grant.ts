import type { AdapterPayload, KoaContextWithOIDC } from 'oidc-provider';
import { type Database, endGrant, insertAuditEntry, type TokenSource } from '#store';
import type { ExchangedGrantType } from './exchange-once.ts';

/**
 * Ends the grant of a code or refresh token that was used twice, since one of the two users may be a thief, and
 * tells its organization. Whoever ends it first tells; the user's other grants stay.
 */
export async function endReusedGrant(
  db: Database,
  ctx: KoaContextWithOIDC,
  { grantId, standing }: TokenSource<AdapterPayload>,
  grantType: ExchangedGrantType,
): Promise<void> {
  const reason = grantType === 'refresh_token' ? 'refresh_token_reused' : 'code_reused';
  await db.transaction(async (tx) => {
    if (!(await endGrant(tx, grantId, reason)) || !standing) return;
    await insertAuditEntry(tx, {
      organizationId: standing.organizationId,
      mode: 'live',
      actorType: 'client',
      actorId: ctx.oidc.client?.clientId ?? null,
      action: 'grant.ended',
      targetType: 'grant',
      targetId: grantId,
      before: { client_id: standing.clientId, user_id: standing.userId },
      after: { reason },
      requestId: ctx.response.get('X-Request-Id'),
      ipAddress: ctx.ip,
    });
  });
}

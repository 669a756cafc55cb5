import type { AdapterPayload, KoaContextWithOIDC } from 'oidc-provider';
import { type Database, endGrant, insertAuditEntry, insertEvent, type TokenSource } from '#store';
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
    const { organizationId, clientId, userId } = standing;
    await insertEvent(
      tx,
      { organizationId, mode: 'live' },
      {
        type: 'grant.reused',
        data: { grant_id: grantId, client_id: clientId, user_id: userId, reused: grantType },
      },
    );
    await insertAuditEntry(tx, {
      organizationId,
      mode: 'live',
      actorType: 'client',
      actorId: ctx.oidc.client?.clientId ?? null,
      action: 'grant.ended',
      targetType: 'grant',
      targetId: grantId,
      before: { client_id: clientId, user_id: userId },
      after: { reason },
      requestId: ctx.response.get('X-Request-Id'),
      ipAddress: ctx.ip,
    });
  });
}

import type { RequestHandler } from 'express';
import { clientAddress, requestIdOf } from '#http';
import { confirmPendingSecret, type Database, insertAuditEntry, lockApiKey } from '#store';
import { callerOf } from '../caller.ts';

/** Puts a pending secret into force with its first use that is let in; the former secret's grace begins. */
export function confirmRotation(db: Database): RequestHandler {
  return async (request, response, next) => {
    const { organizationId, mode, credential } = callerOf(request);
    if (credential.type === 'api_key' && credential.secretState === 'pending') {
      await db.transaction(async (tx) => {
        const key = await lockApiKey(tx, organizationId, credential.keyId);
        if (!key || !(await confirmPendingSecret(tx, key, credential.secretId))) return;
        const confirmed = await lockApiKey(tx, organizationId, credential.keyId);
        await insertAuditEntry(tx, {
          organizationId,
          mode,
          actorType: 'api_key',
          actorId: key.id,
          action: 'api_key.rotation_confirmed',
          targetType: 'api_key',
          targetId: key.id,
          before: { hint: key.hint },
          after: { hint: confirmed?.hint },
          requestId: requestIdOf(response),
          ipAddress: clientAddress(request),
        });
      });
    }
    next();
  };
}

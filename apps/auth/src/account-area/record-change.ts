import type { Request, Response } from 'express';
import { clientAddress, requestIdOf } from '#http';
import { insertAuditEntry, type NewAuditEntry, type Queryable } from '#store';
import type { SignedIn } from '../session.ts';

/** Writes the audit entry of what a signed-in user changed in an organization, last in the transaction of the change. */
export function recordChange(
  tx: Queryable,
  { user }: SignedIn,
  request: Request,
  response: Response,
  change: Pick<NewAuditEntry, 'organizationId' | 'action' | 'targetType' | 'targetId' | 'before' | 'after'>,
): Promise<void> {
  return insertAuditEntry(tx, {
    ...change,
    mode: 'live',
    actorType: 'user',
    actorId: user.id,
    requestId: requestIdOf(response),
    ipAddress: clientAddress(request),
  });
}

import type { Request, Response } from 'express';
import { clientAddress, requestIdOf } from '#http';
import {
  insertAuditEntry,
  type NewAuditEntry,
  type Queryable,
  recordUserChange,
  type UserChange,
} from '#store';

/** A change that a person made here, as an audit entry of an organization tells it; no secrets. */
export type PersonalChange = Pick<
  NewAuditEntry,
  'organizationId' | 'action' | 'targetType' | 'targetId' | 'before' | 'after'
>;

/** Writes the audit entry of a change that a user makes in a request, last in the transaction that makes it. */
export function recordChange(
  tx: Queryable,
  request: Request,
  response: Response,
  userId: string,
  change: PersonalChange,
): Promise<void> {
  return insertAuditEntry(tx, {
    ...change,
    mode: 'live',
    actorType: 'user',
    actorId: userId,
    requestId: requestIdOf(response),
    ipAddress: clientAddress(request),
  });
}

/** Tells each organization of a user what the user changed about the own account in a request, last in its transaction. */
export function recordOwnChange(
  tx: Queryable,
  request: Request,
  response: Response,
  userId: string,
  change: UserChange,
): Promise<void> {
  return recordUserChange(tx, userId, {
    ...change,
    actorType: 'user',
    actorId: userId,
    requestId: requestIdOf(response),
    ipAddress: clientAddress(request),
  });
}

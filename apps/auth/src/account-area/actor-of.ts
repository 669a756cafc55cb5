import type { Request, Response } from 'express';
import { clientAddress, requestIdOf } from '#http';
import type { Actor } from '#store';

/** A user who changes something in an organization, as its audit log tells it. */
export function actorOf(userId: string, request: Request, response: Response, organizationId: string): Actor {
  return {
    organizationId,
    actorType: 'user',
    actorId: userId,
    requestId: requestIdOf(response),
    ipAddress: clientAddress(request),
  };
}

import type { Request, RequestHandler } from 'express';
import { Problem, type Product, passwordLoginOf } from '#catalog';
import { type Caller, callerOf } from '../caller.ts';

/** The organization that a request names in the header that the product has for that; null when it names none. */
export function namedOrganization(product: Product, request: Request): string | null {
  const header = passwordLoginOf(product)?.organizationHeader;
  return (header && request.get(header)) || null;
}

/** Refuses what names an organization that the credential doesn't reach: nothing is done in another one instead. */
export function checkOrganization(product: Product): RequestHandler {
  return (request, _response, next) => {
    requireReached(callerOf(request), namedOrganization(product, request));
    next();
  };
}

/** Problem: `insufficient_scope` for an organization that is not the caller's, whether there is one or not. */
export function requireReached({ organizationId }: Caller, named: string | null): void {
  if (named === null || named === organizationId) return;
  const mend = 'Name an organization of your memberships, or none.';
  throw new Problem('insufficient_scope', `The credential does not reach ${named}.`, { mend });
}

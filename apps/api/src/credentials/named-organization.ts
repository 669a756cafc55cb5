import type { Request, RequestHandler } from 'express';
import { Problem, type Product, passwordLoginOf } from '#catalog';
import { callerOf } from '../caller.ts';

/** The organization that a request names in the header that the product has for that; null when it names none. */
export function namedOrganization(product: Product, request: Request): string | null {
  const header = passwordLoginOf(product)?.organizationHeader;
  return (header && request.get(header)) || null;
}

/**
 * Refuses what names an organization that the credential doesn't reach: nothing is done in another one instead. Problem:
 * `insufficient_scope`, whether there is such an organization or not.
 */
export function checkOrganization(product: Product): RequestHandler {
  return (request, _response, next) => {
    const named = namedOrganization(product, request);
    if (named !== null && named !== callerOf(request).organizationId) {
      const mend = 'Name an organization of your memberships, or none.';
      throw new Problem('insufficient_scope', `The credential does not reach ${named}.`, { mend });
    }
    next();
  };
}

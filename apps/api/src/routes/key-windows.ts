import { z } from 'zod';
import { type Mode, type Product, tooWide, type Window, windowOf, windowsFor } from '#catalog';
import { findOrganization, type Queryable } from '#store';
import { validationProblem } from './validate.ts';

const maxLimit = 1_000_000_000;
const maxSeconds = 31 * 86_400;

/** Limits of a key's own, one for a length of time, as they are on the wire. */
export const rateLimitsAnswer = z.array(z.object({ limit: z.int(), seconds: z.int() })).meta({
  description: 'Limits of its own, beside those of the plan.',
  examples: [[{ limit: 5, seconds: 1 }]],
});

/** Of two for the same seconds the lower one holds. */
export const rateLimits = z
  .array(z.strictObject({ limit: z.int().min(1).max(maxLimit), seconds: z.int().min(1).max(maxSeconds) }))
  .max(5)
  .meta({ examples: [[{ limit: 5, seconds: 1 }]] })
  .transform((list) => list.map(({ limit, seconds }) => windowOf(limit, seconds)));

/** Problem: `validation_failed` when a key of this mode would have a limit that its organization's plan does not hold. */
export async function requireWithinPlan(
  db: Queryable,
  product: Product,
  { organizationId, mode }: { organizationId: string; mode: Mode },
  own: readonly Window[],
): Promise<void> {
  if (own.length === 0) return;
  const organization = await findOrganization(db, organizationId);
  const plan = organization && product.plans[organization.plan];
  if (!plan) throw new Error(`organization ${organizationId} has no plan of the product`);
  const windows = windowsFor(plan, mode, organization.windows);
  const mistakes = own.flatMap((window, at) => {
    const message = tooWide(windows, window);
    return message === null ? [] : [{ field: `rate_limits.${at}`, message }];
  });
  if (mistakes.length > 0) throw validationProblem(mistakes);
}

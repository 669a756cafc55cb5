import { Problem } from '#catalog';
import type { Caller } from '../caller.ts';

/** Problem: `plan_required` when the plan of the caller's organization is none of those that have a route; null is all. */
export function requirePlan({ plan }: Caller, plans: readonly string[] | null): void {
  if (plans === null || plans.includes(plan)) return;
  const wanted = plans.join(' or ');
  const mend = `Take the plan ${wanted}; the organization has ${plan}.`;
  throw new Problem('plan_required', `The operation comes with the plan ${wanted}.`, { mend });
}

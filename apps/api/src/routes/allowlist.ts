import { Problem, type ProblemKind, type Product } from '#catalog';
import { isAddressAllowed } from '#http';
import type { Caller } from '../caller.ts';
import type { ApiRequest } from './route.ts';

/** Problem: `plan_required` when `ranges` has entries and the plan of the caller's organization has no allowlists. */
export function requireAllowlistPlan(product: Product, { plan }: Caller, ranges: readonly string[]): void {
  const { allowlistPlans } = product;
  if (ranges.length === 0 || !allowlistPlans || allowlistPlans.includes(plan)) return;
  const plans = allowlistPlans.join(' or ');
  const mend = `Take the plan ${plans}; the organization has ${plan}.`;
  throw new Problem('plan_required', `IP allowlists come with the plan ${plans}.`, { mend });
}

/** The kinds of problem that {@link requireAllowlistPlan} can throw, which are none where each plan has allowlists. */
export function allowlistProblems({ allowlistPlans }: Product): ProblemKind[] {
  return allowlistPlans ? ['plan_required'] : [];
}

/** Problem: `conflict` when the caller could not come back from its address, and did not say that it means it. */
export function requireNoLockout({ ipAddress }: ApiRequest, ranges: readonly string[], force: boolean): void {
  if (force || isAddressAllowed(ipAddress, ranges)) return;
  throw new Problem(
    'conflict',
    `The list does not have your own address ${ipAddress}, so it would lock you out. Send "force": true if you mean it.`,
  );
}

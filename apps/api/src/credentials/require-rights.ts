import type { Product } from '#catalog';
import type { Caller } from '../caller.ts';
import type { Route } from '../routes/route.ts';
import { requireLive } from './require-live.ts';
import { requirePlan } from './require-plan.ts';
import { requireScopeOf } from './require-scope.ts';

/** What a route asks of its caller. Problems: `insufficient_scope`, `live_mode_required`, `plan_required`. */
export function requireRights(product: Product, caller: Caller, { scope, mode, plans }: Route): void {
  requireScopeOf(product, caller, scope);
  if (mode === 'live') requireLive(caller);
  requirePlan(caller, plans);
}

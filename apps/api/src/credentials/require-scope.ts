import { holdsScope, Problem, type Product } from '#catalog';
import type { Caller } from '../caller.ts';

/** Problem: `insufficient_scope` when the caller lacks what a route needs; null asks for a valid credential only. */
export function requireScopeOf(product: Product, caller: Caller, scope: string | null): void {
  if (scope === null || holdsScope(product, caller.scopes, scope)) return;
  const held = caller.scopes.length === 0 ? 'nothing' : caller.scopes.join(', ');
  const mend = `Give it ${scope}. A role, a consent or a client's registration may be what keeps it from having it.`;
  throw new Problem('insufficient_scope', `The operation needs ${scope}; the credential has ${held}.`, {
    scope,
    mend,
  });
}

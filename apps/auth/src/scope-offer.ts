import { holdsScope, type Product, type Role } from '#catalog';
import type { Consent } from '#store';
import { oidcScopes, splitScopes } from './scopes.ts';

/**
 * One scope of an authorization request, and where it stands for a user in an organization:
 * `refused` by the user's role, `granted` or `declined` by the user before, or still `open`.
 */
export interface ScopeOffer {
  scope: string;
  state: 'refused' | 'granted' | 'declined' | 'open';
}

export interface OfferFacts {
  requested: Iterable<string>;
  /** What the client is registered for. */
  clientScopes: readonly string[];
  role: Role;
  /** The user's decision about this client in this organization, if there is one. */
  consent: Pick<Consent, 'scopes' | 'declinedScopes'> | null;
}

/** What each requested scope comes to: those of OpenID Connect first, then the API's in the catalogue's order. */
export function offerScopes(product: Product, facts: OfferFacts): ScopeOffer[] {
  const { api, oidc } = splitScopes(product, facts.requested);
  const order = [...oidcScopes, ...Object.keys(product.scopes)];
  const roleScopes = product.roles[facts.role];
  // The scope above all stands for those of the API only.
  const holds = (held: readonly string[], scope: string) =>
    api.includes(scope) ? holdsScope(product, held, scope) : held.includes(scope);
  const state = (scope: string): ScopeOffer['state'] => {
    const allowed = oidc.includes(scope) || (holds(roleScopes, scope) && holds(facts.clientScopes, scope));
    if (!allowed) return 'refused';
    if (facts.consent?.declinedScopes.includes(scope)) return 'declined';
    return facts.consent && holds(facts.consent.scopes, scope) ? 'granted' : 'open';
  };
  return order
    .filter((scope) => api.includes(scope) || oidc.includes(scope))
    .map((scope) => ({ scope, state: state(scope) }));
}

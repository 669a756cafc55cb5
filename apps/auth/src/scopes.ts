import { errors } from 'oidc-provider';
import { holdsScope, type Product } from '#catalog';

/** The OpenID Connect scopes that every product offers. */
export const oidcScopes: readonly string[] = ['openid', 'profile', 'email'];

/** `devices:read openid` → the names of the API's scopes and those of OpenID Connect. Unknown ones are in neither. */
export function splitScopes(product: Product, scopes: Iterable<string>): { api: string[]; oidc: string[] } {
  const all = [...scopes];
  return {
    api: all.filter((scope) => Object.hasOwn(product.scopes, scope)),
    oidc: all.filter((scope) => oidcScopes.includes(scope)),
  };
}

/** The scopes of the API that `held` includes, by name or through the scope above all. */
export function apiScopesWithin(product: Product, held: readonly string[]): string[] {
  return Object.keys(product.scopes).filter((scope) => holdsScope(product, held, scope));
}

/**
 * Refuses an authorization request that asks for nothing, for a scope that doesn't exist, or for one that the
 * client is not registered for. Throws `invalid_scope` (RFC 6749 §4.1.2.1); oidc-provider alone would drop unknown
 * scopes in silence.
 */
export function checkRequestedScope(
  product: Product,
  clientScopes: readonly string[],
  requested: string | undefined,
): void {
  if (requested === undefined) throw new errors.InvalidScope('the request asks for no scope', '');
  const { api, oidc } = splitScopes(product, requested.split(' '));
  const unknown = requested.split(' ').filter((scope) => !api.includes(scope) && !oidc.includes(scope));
  if (unknown.length > 0) throw new errors.InvalidScope('unknown scope', unknown.join(' '));
  const refused = api.filter((scope) => !holdsScope(product, clientScopes, scope));
  if (refused.length > 0) {
    throw new errors.InvalidScope('the client is not registered for this scope', refused.join(' '));
  }
}

/**
 * `scope` as clients write it → as RFC 6749 §3.3 has it. The documents join scopes with `+`, which libraries encode
 * as `%2B`; `offline_access` is what others want for a refresh token, which here comes without asking.
 */
export function normaliseScope(scope: string): string {
  return scope
    .split(/[+ ]+/)
    .filter((name) => name !== '' && name !== 'offline_access')
    .join(' ');
}

import { errors, type TokenEndpointGrantContext } from 'oidc-provider';
import type { Product } from '#catalog';
import { apiScopesOf } from './client-metadata.ts';
import { checkRequestedScope, splitScopes } from './scopes.ts';

/**
 * Makes oidc-provider's handler of client credentials give API scopes alone, and those that the client is registered
 * for: all of them when the request names none (RFC 6749 §3.3). Throws `invalid_scope`; `unauthorized_client` for a
 * public client, which proves nothing.
 */
export function withClientScope<Context extends TokenEndpointGrantContext>(
  product: Product,
  handle: (ctx: Context) => void | Promise<void>,
): (ctx: Context) => Promise<void> {
  return async (ctx) => {
    const { client, params } = ctx.oidc;
    if (client.clientAuthMethod === 'none') throw new errors.UnauthorizedClient();
    const registered = apiScopesOf(client);
    const { scope = registered.join(' ') } = params;
    if (typeof scope !== 'string') throw new errors.InvalidRequest('scope must be a string');
    checkRequestedScope(product, registered, scope);
    const { oidc } = splitScopes(product, scope.split(' '));
    if (oidc.length > 0)
      throw new errors.InvalidScope('it is about a user, and there is none', oidc.join(' '));
    params.scope = scope;
    await handle(ctx);
  };
}

import Provider, { type TokenEndpointGrantContext } from 'oidc-provider';
import type { Product } from '#catalog';
import type { Database } from '#store';
import { withClientScope } from './client-credentials.ts';
import { ofDevicesAlone } from './device-flow.ts';
import { exchangeOnce, isExchanged } from './exchange-once.ts';
import { requireClientPlan } from './plan-refusal.ts';

type Handler<Context> = (ctx: Context) => void | Promise<void>;

interface Dependencies {
  product: Product;
  db: Database;
}

/** oidc-provider with its own handlers of grant types, some of which are held to rules of ours. */
export function strictProvider(dependencies: Dependencies): typeof Provider {
  return class extends Provider {
    // It registers its own handlers here, too, while it is made.
    override registerGrantType<Params extends object>(
      name: string,
      handle: Handler<TokenEndpointGrantContext<Params>>,
      ...more: [parameters?: string | ReadonlySet<string>, duplicates?: string | ReadonlySet<string>]
    ): void {
      const strict = strictHandler(dependencies, name, handle);
      const held = (ctx: TokenEndpointGrantContext<Params>) => {
        requireClientPlan(dependencies.product, ctx.oidc.client);
        return strict(ctx);
      };
      super.registerGrantType(name, held, ...more);
    }
  };
}

function strictHandler<Context extends TokenEndpointGrantContext>(
  dependencies: Dependencies,
  grantType: string,
  handle: Handler<Context>,
): Handler<Context> {
  switch (grantType) {
    case 'client_credentials':
      return withClientScope(dependencies.product, handle);
    case 'urn:ietf:params:oauth:grant-type:device_code':
      return ofDevicesAlone(handle);
    default:
      return isExchanged(grantType) ? exchangeOnce(dependencies, grantType, handle) : handle;
  }
}

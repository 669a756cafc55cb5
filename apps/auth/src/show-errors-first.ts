import type Provider from 'oidc-provider';
import type { Configuration, errors, KoaContextWithOIDC } from 'oidc-provider';
import { responseModes } from '#catalog';

interface Failed {
  ctx: KoaContextWithOIDC;
  error: errors.OIDCProviderError;
}

/**
 * Shows the mistake of an authorization request to a person who has not signed in, with a link to the app, where else
 * we would send them there: by a request with a mistake, any client could use our name to bring people to a page of its
 * own (RFC 9700 §4.11.2). An app that asked for no page (`prompt=none`) hears of it at once; but none by a response mode
 * that it is not registered for.
 */
export function showErrorsFirst(
  provider: Provider,
  renderError: NonNullable<Configuration['renderError']>,
): void {
  const failed = new WeakMap<object, Failed>();
  provider.on('authorization.error', (ctx: KoaContextWithOIDC, error: errors.OIDCProviderError) => {
    if (ctx.oidc.route === 'authorization') failed.set(ctx.res, { ctx, error });
  });

  provider.use(async ({ res }, next) => {
    await next();
    const found = failed.get(res);
    if (!found) return;
    const { ctx, error } = found;
    const mayHear = ctx.oidc.session?.accountId !== undefined || ctx.oidc.params?.prompt === 'none';
    if (mayHear && hasResponseMode(ctx)) return;
    const { error: code, error_description } = error;
    ctx.status = error.statusCode;
    await renderError(
      ctx,
      { error: code, ...(error_description !== undefined && { error_description }) },
      error,
    );
  });
}

/** Whether the client is registered for the response mode by which it would hear of an error. */
function hasResponseMode({ oidc: { client, params } }: KoaContextWithOIDC): boolean {
  const mode = responseModes.find((known) => known === params?.response_mode) ?? 'query';
  return client?.responseModes?.includes(mode) !== false;
}

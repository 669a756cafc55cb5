import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Store } from 'express-rate-limit';
import { errors, type KoaContextWithOIDC, type TokenEndpointGrantContext } from 'oidc-provider';
import { z } from 'zod';
import { clientNetwork } from '#http';
import { isRowHandle } from './adapter.ts';
import { messagesOf } from './language.ts';
import { type FailureLimit, limitFailures, noteFailure } from './limits/limit-failures.ts';
import { sendPaused } from './limits/send-paused.ts';
import type { Messages } from './messages/en.ts';
import type { Pages } from './pages.ts';
import { hasSession, type SessionPlace } from './session.ts';

/** Wrong user codes from one address (RFC 8628 §5.1). A code has 20⁸ values and lives ten minutes. */
export const defaultUserCodeLimit: FailureLimit = { failures: 10, seconds: 5 * 60 };

const state = z.object({ secret: z.string() });
const prefilled = z.object({ prefill: z.string() });

/** The pages on which a person types and confirms the code that a device shows, for oidc-provider to show. */
export function devicePages(pages: Pages) {
  const form = (ctx: KoaContextWithOIDC) => ({
    action: '/oauth/device',
    xsrf: state.parse(ctx.oidc.session?.state).secret,
  });
  return {
    userCodeInputSource(ctx: KoaContextWithOIDC, _form: string, _out?: object, error?: Error): void {
      if (error?.name === 'NotFoundError') noteFailure(ctx.res);
      if (error) ctx.status = error.name === 'AbortedError' ? 200 : 422;
      const typed = error && 'userCode' in error ? String(error.userCode) : undefined;
      const userCode = typed ?? prefilled.safeParse(ctx.query).data?.prefill ?? '';
      const words = messagesOf(ctx.res).device.errors;
      const message = error ? words[mistakes[error.name] ?? 'other'] : null;
      pages.show(ctx, 'device-code', { ...form(ctx), userCode, error: message });
    },
    userCodeConfirmSource(
      ctx: KoaContextWithOIDC,
      _form: string,
      client: { clientName?: string | undefined; clientId: string },
      _deviceInfo: object,
      userCode: string,
    ): void {
      const clientName = client.clientName ?? client.clientId;
      pages.show(ctx, 'device-confirm', { ...form(ctx), userCode, clientName });
    },
    successSource(ctx: KoaContextWithOIDC): void {
      const { title, text, yourDevice } = messagesOf(ctx.res).device.connected;
      const name = ctx.oidc.client?.clientName ?? yourDevice;
      pages.show(ctx, 'message', { title, text: text(name), facts: {}, link: null });
    },
  };
}

/** oidc-provider's name of a mistake → ours. */
const mistakes: Readonly<Record<string, keyof Messages['device']['errors']>> = {
  NoCodeError: 'noCode',
  NotFoundError: 'notFound',
  ExpiredError: 'expired',
  AlreadyUsedError: 'used',
  AbortedError: 'aborted',
};

/** What stands before oidc-provider's own page of user codes: the limit, and the code of a link, which is shown first. */
export function beforeUserCode({
  pages,
  store,
  limit,
  ...context
}: SessionPlace & {
  pages: Pages;
  store: Store;
  limit: FailureLimit;
}): Router {
  const refuse = (_request: Request, response: Response, seconds: number) => {
    const { device, shared } = messagesOf(response);
    sendPaused(pages, response, { ...device.paused, back: shared.back }, seconds);
  };
  return Router()
    .get('/oauth/device', prefill)
    .post('/oauth/device', limitFailures({ limit, store, key: clientNetwork, refuse }), startAnew(context));
}

/** oidc-provider fails on a form whose session is gone: the page is shown anew. */
function startAnew(context: SessionPlace): RequestHandler {
  return async (request, response, next) => {
    if (await hasSession(context, request, response)) next();
    else response.redirect(303, '/oauth/device');
  };
}

/** With `user_code` oidc-provider would send the form by a script, without the person having seen the code. */
const prefill: RequestHandler = (request, _response, next) => {
  request.url = request.url.replace(/([?&])user_code=/g, '$1prefill=');
  next();
};

/** Refuses as a device code what only our own pages may name one by: see `rowHandle` of the adapter. */
export function ofDevicesAlone<Context extends TokenEndpointGrantContext>(
  handle: (ctx: Context) => void | Promise<void>,
): (ctx: Context) => Promise<void> {
  return async (ctx) => {
    const code = ctx.oidc.params.device_code;
    if (typeof code === 'string' && isRowHandle(code)) {
      throw new errors.InvalidGrant({ detail: 'this is no device code' });
    }
    await handle(ctx);
  };
}

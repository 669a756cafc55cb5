import type { EventEmitter } from 'node:events';
import type Provider from 'oidc-provider';
import type { errors, KoaContextWithOIDC } from 'oidc-provider';
import type { Logger } from '#http';
import { type Database, insertRequests } from '#store';
import { organizationOf } from './client-metadata.ts';
import { limitByMinute } from './limits/limit-by-minute.ts';
import { refusalOf } from './refusal.ts';

interface Refused {
  ctx: KoaContextWithOIDC;
  error: errors.OIDCProviderError;
}

/** What oidc-provider says when it refuses a request of a client's own. */
export const clientRefusals = [
  'authorization.error',
  'pushed_authorization_request.error',
  'device_authorization.error',
  'grant.error',
  'revocation.error',
  'introspection.error',
  'userinfo.error',
];

/** Hears of each of these events. */
export function onEach(
  provider: EventEmitter,
  events: readonly string[],
  listener: (ctx: KoaContextWithOIDC, error: errors.OIDCProviderError) => void,
): void {
  for (const event of events) provider.on(event, listener);
}

const maxAMinute = 60;

/**
 * Records why a client's request was refused, for the organization that owns the client, and gives the answer the id
 * to look it up by: `error_id`. Of each client the first 60 refusals a minute and process: anybody who knows a
 * client's id could fill the table. A refusal that can't be recorded is answered all the same.
 */
export function recordRefusals(provider: Provider, db: Database, logger: Logger): void {
  const refused = new WeakMap<object, Refused>();
  const remember = (ctx: KoaContextWithOIDC, error: errors.OIDCProviderError) => {
    refused.set(ctx.res, { ctx, error });
  };
  onEach(provider, clientRefusals, remember);
  const hasRoom = limitByMinute(maxAMinute);

  provider.use(async (ctx, next) => {
    const startedAt = performance.now();
    await next();
    const found = refused.get(ctx.res);
    // What a later step has answered after all is no refusal.
    if (!found || (ctx.status < 400 && !ctx.response.get('Location'))) return;
    const errorId = ctx.response.get('X-Request-Id');
    if (typeof ctx.body === 'object' && ctx.body !== null && 'error' in ctx.body) {
      ctx.body = { ...ctx.body, error_id: errorId };
    }
    const client = found.ctx.oidc.client;
    // A device that asks while its person still types is told to wait, and not refused.
    const organizationId = client ? organizationOf(client) : null;
    if (!client || organizationId === null || found.error.error === 'authorization_pending') return;
    if (!hasRoom(client.clientId)) return;
    // An interaction's id opens it to its browser; nobody else needs it.
    const route = ctx.path.replace(/^(\/oauth\/authorize)\/.*/i, '$1/:uid');
    const { rule, detail, mend } = refusalOf(found.error);
    const record = {
      id: errorId,
      organizationId,
      mode: 'live' as const,
      keyId: null,
      userId: null,
      clientId: client.clientId,
      method: ctx.method,
      route,
      scope: null,
      path: route,
      status: ctx.status,
      denialRule: rule,
      denialDetail: detail,
      denialMend: mend,
      ipAddress: ctx.ip,
      userAgent: null,
      durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
    };
    await insertRequests(db, [record]).catch((err) =>
      logger.warn({ err, ...record }, 'a refusal was not recorded'),
    );
  });
}

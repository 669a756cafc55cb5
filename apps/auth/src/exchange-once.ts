import type { AdapterPayload, TokenEndpointGrantContext } from 'oidc-provider';
import { z } from 'zod';
import type { Product } from '#catalog';
import { hashSecret, secretBox } from '#crypto';
import { consumeTokenSource, type Database, findTokenSource, oidcTables, type TokenSource } from '#store';
import { endReusedGrant } from './end-reused-grant.ts';
import { grantRefusal } from './refusal.ts';
import { repeatedOtherwise, reusedSource, sourceRefusal, unknownSource } from './source-refusal.ts';
import { withinTokenRequest } from './token-request.ts';

/** The grant types that use something up, and the parameter that shows it. */
const sources = {
  authorization_code: { parameter: 'code', model: 'AuthorizationCode', what: 'code' },
  refresh_token: { parameter: 'refresh_token', model: 'RefreshToken', what: 'refresh token' },
} as const;

export type ExchangedGrantType = keyof typeof sources;

export function isExchanged(grantType: string): grantType is ExchangedGrantType {
  return Object.hasOwn(sources, grantType);
}

type Found = TokenSource<AdapterPayload>;

/**
 * Makes oidc-provider's handler of a grant type use its code or refresh token once, whichever processes are asked
 * and wherever one of them ends: reading before the handler, writing after it in one statement.
 *
 * A refresh that is repeated within 30 seconds, by the same client with the same parameters, passes all the handler's
 * checks again and gets the answer of the first one, which may have got lost; with other parameters it gets nothing. Any
 * other second use ends the grant.
 * Throws `invalid_grant`.
 */
export function exchangeOnce<Context extends TokenEndpointGrantContext>(
  { product, db }: { product: Product; db: Database },
  grantType: ExchangedGrantType,
  handle: (ctx: Context) => void | Promise<void>,
): (ctx: Context) => Promise<void> {
  const { parameter, model, what } = sources[grantType];
  const table = oidcTables[model];
  return async (ctx) => {
    const value = ctx.oidc.params[parameter];
    // The handler knows how to refuse a request that shows nothing.
    if (typeof value !== 'string') return handle(ctx);
    const id = hashSecret(value).toString('base64url');
    const found = await findTokenSource<AdapterPayload>(db.pipeline, table, id);
    if (!found) throw grantRefusal(unknownSource(what));

    const box = answerBox(value, ctx);
    const earlier = await answerOf(found);
    const request = { model, id, found, saved: [] };
    await withinTokenRequest(request, async () => handle(ctx));
    if (earlier) {
      ctx.body = earlier;
      return;
    }

    const answer = model === 'RefreshToken' ? box.seal(ctx.body) : null;
    if (await consumeTokenSource(db, table, id, { saved: request.saved, answer })) return;
    // Another request with it was faster.
    const used = await findTokenSource<AdapterPayload>(db.pipeline, table, id);
    const theirs = used && (await answerOf(used));
    if (!theirs) throw grantRefusal(unknownSource(what));
    ctx.body = theirs;

    /** The answer that was given before; null when there was no use before. A use that is no repetition ends the grant. */
    async function answerOf(source: Found): Promise<object | null> {
      const { consumedAt, grantEndedAt, isExpired, payload } = source;
      const answer = source.answer && box.open(source.answer);
      if (consumedAt !== null && grantEndedAt === null && !isExpired && !answer) {
        const isRepeated = source.answer !== null && payload.clientId === ctx.oidc.client.clientId;
        if (isRepeated) throw grantRefusal(repeatedOtherwise(consumedAt));
        await endReusedGrant(db, ctx, source, grantType);
        throw grantRefusal(reusedSource(what, consumedAt));
      }
      const refusal = sourceRefusal(product, what, source, ctx);
      if (refusal) throw grantRefusal(refusal);
      return answer;
    }
  };
}

/**
 * Encrypts the answer to a refresh under the token that it was given for, so that nobody else opens it. It is opened by
 * the same request only: the same client, asking for the same scope and resource.
 */
function answerBox(token: string, { oidc: { client, params } }: TokenEndpointGrantContext) {
  const box = secretBox(token);
  const purpose = `refresh ${JSON.stringify([client.clientId, params.scope, params.resource])}`;
  return {
    seal: (answer: unknown) => box.seal(JSON.stringify(answer), purpose),
    open(sealed: Buffer): object | null {
      let text: string;
      try {
        text = box.open(sealed, purpose);
      } catch {
        return null;
      }
      return z.looseObject({}).parse(JSON.parse(text));
    },
  };
}

import { importJWK, type JWTHeaderParameters, jwtVerify } from 'jose';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { z } from 'zod';
import { holdsScope, Problem, type Product, planHasOauth } from '#catalog';
import {
  type Database,
  findAccessTokenCredential,
  findClientCredential,
  findSigningKey,
  insertRevokedAccessToken,
} from '#store';
import { standsOnPlans } from './plan-refusal.ts';

const claims = z.object({
  jti: z.string(),
  sub: z.string(),
  client_id: z.string(),
  /** Missing when the client has the token in its own name. */
  grant_id: z.string().optional(),
  org_id: z.string(),
  scope: z.string().default(''),
  iat: z.number(),
  exp: z.number(),
  /** Of a token that is bound to a key (RFC 9449 §6.1). */
  cnf: z.object({ jkt: z.string() }).optional(),
});
type Claims = z.infer<typeof claims>;

export interface StructuredTokenFacts {
  product: Product;
  db: Database;
  issuer: string;
  apiUrl: string;
}

/**
 * Lets `/oauth/revoke` and `/oauth/introspect` take access tokens that are JWTs, which oidc-provider refuses after
 * it has authenticated the client. A client is told of its own tokens only: others are inactive to it, and to
 * revoke them changes nothing (RFC 7009 §2.2, RFC 7662 §2.2).
 */
export function answerStructuredTokens(provider: Provider, facts: StructuredTokenFacts): void {
  const waiting = new WeakMap<object, KoaContextWithOIDC>();
  const remember = (ctx: KoaContextWithOIDC, { error }: { error: string }) => {
    if (error === 'unsupported_token_type') waiting.set(ctx.res, ctx);
  };
  provider.on('revocation.error', remember);
  provider.on('introspection.error', remember);

  provider.use(async ({ res }, next) => {
    await next();
    const ctx = waiting.get(res);
    if (!ctx) return;
    const token = await ownToken(facts, ctx);
    ctx.status = 200;
    if (ctx.oidc.route === 'introspection') ctx.body = await introspect(facts, token);
    else {
      if (token)
        await insertRevokedAccessToken(facts.db, token.jti, new Date(token.exp * 1000).toISOString());
      ctx.body = '';
    }
  });
}

/** The claims of the token in the request, when it is live, signed by us and the calling client's own. */
async function ownToken(facts: StructuredTokenFacts, ctx: KoaContextWithOIDC): Promise<Claims | null> {
  const token = z.string().parse(ctx.oidc.params?.token);
  // Not the keys that this process signs with: another one may be ahead of it.
  const keyOf = async ({ kid }: JWTHeaderParameters) => {
    const key = await findSigningKey(facts.db.pipeline, kid);
    if (!key) throw new Error('signed with an unknown key');
    return importJWK(key.publicJwk, 'ES256');
  };
  const options = { issuer: facts.issuer, audience: facts.apiUrl, typ: 'at+jwt', algorithms: ['ES256'] };
  const verified = await jwtVerify(token, keyOf, options).catch(unlessAway);
  const parsed = claims.safeParse(verified?.payload).data;
  return parsed?.client_id === ctx.oidc.client?.clientId ? (parsed ?? null) : null;
}

/** A token that can't be verified is none; a database that can't be asked is an error. */
function unlessAway(error: unknown): null {
  if (error instanceof Problem) throw error;
  return null;
}

/** What limits a token's scopes right now; null when what it stands on is gone. */
async function limitsOf({ product, db }: StructuredTokenFacts, token: Claims) {
  if (token.grant_id === undefined) {
    const standing = await findClientCredential(db.pipeline, token.client_id, token.jti);
    return standing && planHasOauth(product, standing.plan) ? [standing.clientScopes] : null;
  }
  const standing = await findAccessTokenCredential(db.pipeline, token.grant_id, token.jti);
  if (!standing || !standsOnPlans(product, standing)) return null;
  return [standing.consentedScopes, standing.clientScopes, product.roles[standing.role]];
}

async function introspect(facts: StructuredTokenFacts, token: Claims | null) {
  const { product, issuer, apiUrl } = facts;
  const limits = token && (await limitsOf(facts, token));
  if (!token || !limits) return { active: false };
  const scopes = token.scope
    .split(' ')
    .filter((scope) => limits.every((held) => holdsScope(product, held, scope)));
  return {
    active: true,
    token_type: token.cnf ? 'DPoP' : 'Bearer',
    ...(token.cnf && { cnf: token.cnf }),
    scope: scopes.join(' '),
    client_id: token.client_id,
    sub: token.sub,
    org_id: token.org_id,
    iss: issuer,
    aud: apiUrl,
    jti: token.jti,
    iat: token.iat,
    exp: token.exp,
  };
}

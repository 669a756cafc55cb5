import Provider, {
  type Configuration,
  errors,
  interactionPolicy,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { clientAuthMethods, holdsScope, type Product } from '#catalog';
import { deriveKey } from '#crypto';
import type { Logger, outsideFetch } from '#http';
import { type Database, enqueueLogout } from '#store';
import { findAccount } from './account.ts';
import type { SessionUses } from './accounts/session-uses.ts';
import { createAdapter } from './adapter.ts';
import { apiResource } from './api-resource.ts';
import type { ClientDocuments } from './client-documents.ts';
import { apiScopesOf, extraClientMetadata, matchingSecret, organizationOf } from './client-metadata.ts';
import { cookieName } from './cookies.ts';
import type { devicePages } from './device-flow.ts';
import { loadGrant } from './grant.ts';
import type { logoutPages } from './logout-pages.ts';
import { requireClientPlan } from './plan-refusal.ts';
import { clientRefusals, onEach, recordRefusals } from './record-refusals.ts';
import { refusalOf } from './refusal.ts';
import { refuseOtherGrantTypes } from './registered-grant-types.ts';
import { apiScopesWithin, checkRequestedScope, oidcScopes, splitScopes } from './scopes.ts';
import { acrValues } from './second-factor/methods.ts';
import type { SecretUses } from './secret-uses.ts';
import { sessionCookie, sessionSeconds } from './session.ts';
import { showErrorsFirst } from './show-errors-first.ts';
import type { Keys } from './signing-keys.ts';
import { strictProvider } from './strict-provider.ts';
import { answerStructuredTokens } from './structured-tokens.ts';
import { findStanding } from './token-request.ts';

const minutes = 60;
const hours = 60 * minutes;
const days = 24 * hours;

export interface ProviderOptions {
  product: Product;
  db: Database;
  logger: Logger;
  /** The issuer identifier: where clients reach this server. */
  issuer: string;
  /** The one protected resource, and so the audience of access tokens. */
  apiUrl: string;
  keys: Keys;
  encryptionKey: string;
  renderError: NonNullable<Configuration['renderError']>;
  secretUses: SecretUses;
  sessionUses: SessionUses;
  devicePages: ReturnType<typeof devicePages>;
  logoutPages: ReturnType<typeof logoutPages>;
  /** The clients that describe themselves; null when there are none. */
  documents: ClientDocuments | null;
  /** Calls the URLs that clients gave. */
  fetchOutside: ReturnType<typeof outsideFetch>;
}

/** oidc-provider, set up as the authorization server of one product's API. */
export function createProvider(options: ProviderOptions): Provider {
  const { product, logger } = options;
  const provider = new (strictProvider(options))(options.issuer, configuration(options));
  // URLs are made from the request's host and protocol, which `forProvider` sets to the issuer's.
  provider.proxy = true;
  provider.Client.prototype.compareClientSecret = function compareClientSecret(secret) {
    const secretId = matchingSecret(this, secret);
    if (secretId !== null) options.secretUses.note(secretId);
    return secretId !== null;
  };

  // The worker tells: a sign-out waits for nobody, and an app that is away is told again.
  Object.assign(provider.Client.prototype, {
    backchannelLogout(this: { clientId: string }, userId: string, sid: string) {
      return enqueueLogout(options.db, { clientId: this.clientId, userId, sid });
    },
  });

  refuseOtherGrantTypes(provider);
  logErrors(provider, logger);
  // Before it, and so around it: what it answers after all was not refused.
  recordRefusals(provider, options.db, logger);
  showErrorsFirst(provider, options.renderError);
  answerStructuredTokens(provider, options);
  provider.use(async (ctx, next) => {
    await next();
    if (/^\/\.well-known\//i.test(ctx.path) && typeof ctx.body === 'object' && ctx.body !== null) {
      ctx.body = {
        ...ctx.body,
        registration_endpoint: `${options.issuer}/oauth/register`,
        ...(options.documents && { client_id_metadata_document_supported: true }),
        scopes_supported: [...oidcScopes, ...Object.keys(product.scopes)],
      };
    }
  });
  return provider;
}

/** What it says when it refuses a request of a person's. */
const otherRefusals = [
  'code_verification.error',
  'device_resume.error',
  'end_session.error',
  'end_session_confirm.error',
  'end_session_success.error',
];

function logErrors(provider: Provider, logger: Logger): void {
  const refused = (ctx: KoaContextWithOIDC, error: errors.OIDCProviderError) => {
    const facts = { requestId: ctx.response.get('X-Request-Id'), clientId: ctx.oidc.client?.clientId };
    logger.info(
      { ...facts, route: ctx.oidc.route, error: error.error, detail: refusalOf(error).detail },
      'refused',
    );
  };
  onEach(provider, [...clientRefusals, ...otherRefusals], refused);
  provider.on('backchannel.error', (ctx, error, client) => {
    const facts = { requestId: ctx.response.get('X-Request-Id'), clientId: client.clientId };
    logger.warn({ ...facts, err: error }, 'that a client is to be told of a sign-out could not be queued');
  });
  provider.on('server_error', (ctx, error) => {
    if ('kind' in error && error.kind === 'unavailable') ctx.status = 503;
    logger.error({ requestId: ctx.response.get('X-Request-Id'), path: ctx.path, err: error }, error.message);
  });
  provider.onerror = (error) => logger.error({ err: error }, 'unexpected error');
}

function configuration(options: ProviderOptions) {
  const { product, db, issuer, apiUrl, keys, encryptionKey } = options;
  const { renderError, devicePages, logoutPages, documents, fetchOutside } = options;
  const isOwner = async (ctx: KoaContextWithOIDC, token: { clientId?: string | undefined }) =>
    token.clientId === ctx.oidc.client?.clientId;

  return {
    adapter: createAdapter(db, documents),
    jwks: { keys: keys.signing },
    fetch: fetchOutside,
    cookies: {
      names: {
        session: cookieName(issuer, 'keystile_session'),
        interaction: cookieName(issuer, 'keystile_interaction', '__Secure-'),
        resume: cookieName(issuer, 'keystile_resume', '__Secure-'),
      },
      keys: keys.cookies,
      long: sessionCookie,
      short: sessionCookie,
    },
    routes: {
      authorization: '/oauth/authorize',
      token: '/oauth/token',
      revocation: '/oauth/revoke',
      introspection: '/oauth/introspect',
      userinfo: '/oauth/userinfo',
      jwks: '/oauth/jwks',
      pushed_authorization_request: '/oauth/par',
      device_authorization: '/oauth/device_authorization',
      code_verification: '/oauth/device',
      end_session: '/oauth/logout',
    },
    interactions: { policy: policy(), url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    ttl: {
      AccessToken: 1 * hours,
      ClientCredentials: 1 * hours,
      DeviceCode: 10 * minutes,
      AuthorizationCode: 1 * minutes,
      IdToken: 1 * hours,
      Interaction: 1 * hours,
      // From the last refresh; the grant ends the family a year after the user agreed.
      RefreshToken: 30 * days,
      Grant: 365 * days,
      // One without a sign-in holds no more than what a form has to bring back.
      Session: (_ctx, { accountId }) => (accountId === undefined ? 1 * hours : sessionSeconds),
    },

    responseTypes: ['code'],
    scopes: ['openid'],
    claims: { openid: ['sub', 'acr', 'amr'], profile: ['name'], email: ['email'] },
    acrValues: Object.values(acrValues),
    clientAuthMethods: [...clientAuthMethods],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    enabledJWA: {
      idTokenSigningAlgValues: ['ES256'],
      clientAuthSigningAlgValues: ['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256'],
    },
    assertJwtClientAuthClaimsAndHeader: (_ctx, { aud, exp }) => {
      if (Number(exp) > Date.now() / 1000 + 1 * hours) {
        throw new errors.InvalidClientAuth('a client_assertion must expire within an hour');
      }
      // Another server that it is for could show it here.
      if ([aud].flat().some((each) => each !== issuer && !String(each).startsWith(`${issuer}/`))) {
        throw new errors.InvalidClientAuth('a client_assertion must be for this server alone');
      }
    },
    extraClientMetadata: { properties: extraClientMetadata },
    pkce: { required: (_ctx, client) => client.clientAuthMethod === 'none' },
    // The same origins that a public client's redirect URIs have.
    clientBasedCORS: (ctx, origin, client) =>
      (ctx.oidc.route === 'userinfo' || client.clientAuthMethod === 'none') &&
      (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin),

    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true, nonceSecret: deriveKey(encryptionKey, 'keystile DPoP nonces') },
      deviceFlow: { enabled: true, charset: 'base-20', mask: '****-****', ...devicePages },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, ...logoutPages },
      revocation: { enabled: true, allowedPolicy: (ctx, _client, token) => isOwner(ctx, token) },
      introspection: {
        enabled: true,
        allowedPolicy: async (ctx, _client, token) =>
          (await isOwner(ctx, token)) &&
          'grantId' in token &&
          typeof token.grantId === 'string' &&
          (await findStanding(options, token.grantId)) !== null,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, _client, oneOf) =>
          oneOf || splitScopes(product, ctx.oidc.requestParamScopes).api.length > 0 ? apiUrl : undefined,
        // Else the token is an opaque one for the userinfo endpoint.
        useGrantedResource: (_ctx, source) => splitScopes(product, source.scopes).api.length > 0,
        getResourceServerInfo: async (ctx, resource, client) => {
          if (resource !== apiUrl) throw new errors.InvalidTarget();
          const scopes = apiScopesWithin(product, apiScopesOf(client));
          return apiResource(apiUrl, await withinStanding(options, ctx, scopes));
        },
      },
    },
    extraParams: {
      scope: (_ctx, scope, client) => {
        requireClientPlan(product, client);
        checkRequestedScope(product, apiScopesOf(client), scope);
      },
    },

    findAccount: findAccount(options),
    loadExistingGrant: loadGrant(db, product, apiUrl),
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    // Tokens outlive the browser's session: they end with their grant.
    expiresWithSession: () => false,
    extraTokenClaims: async (ctx, token) => {
      if (token.kind === 'ClientCredentials') {
        return ctx.oidc.client && { org_id: organizationOf(ctx.oidc.client) };
      }
      if (!('grantId' in token)) return undefined;
      const standing = await findStanding(options, token.grantId);
      return { grant_id: token.grantId, org_id: standing?.organizationId };
    },
    renderError,
  } satisfies Configuration;
}

/** oidc-provider's own, and a sign-in for a session whose user is gone. */
function policy() {
  const { Check, base } = interactionPolicy;
  const prompts = base();
  const gone = (ctx: KoaContextWithOIDC) => ctx.oidc.session?.accountId !== undefined && !ctx.oidc.account;
  prompts.get('login')?.checks.add(new Check('account_gone', 'the user is gone', 'login_required', gone));
  return prompts;
}

/** Those of `scopes` that the user of a grant still consents to and has the role for; all when there is no grant yet. */
async function withinStanding(
  { db, product }: { db: Database; product: Product },
  ctx: KoaContextWithOIDC,
  scopes: readonly string[],
): Promise<string[]> {
  if (ctx.oidc.route !== 'token' || !ctx.oidc.grant) return [...scopes];
  const standing = await findStanding({ db, product }, ctx.oidc.grant.jti);
  if (!standing) throw new errors.InvalidGrant({ detail: 'the grant has nothing behind it any more' });
  const held = [standing.consentedScopes, product.roles[standing.role]];
  return scopes.filter((scope) => held.every((list) => holdsScope(product, list, scope)));
}

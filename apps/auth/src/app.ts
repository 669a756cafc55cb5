import express, { type Express } from 'express';
import { MemoryStore } from 'express-rate-limit';
import { Problem, type Product } from '#catalog';
import { assignRequestId, healthRoute, type Logger, logRequests, outsideFetch, type Redis } from '#http';
import { accountMailer, type Database, ping } from '#store';
import { accountArea } from './account-area/account-area.ts';
import { accountAreas } from './account-area/areas.ts';
import { signInRoutes } from './account-area/sign-in.ts';
import { knownDevices } from './accounts/known-devices.ts';
import { resetRoutes } from './accounts/reset.ts';
import { recordSessionUses } from './accounts/session-uses.ts';
import { signUpRoutes } from './accounts/sign-up.ts';
import { takeBackRoutes } from './accounts/take-back.ts';
import { createAssets } from './assets.ts';
import { clientDocuments } from './client-documents.ts';
import { beforeUserCode, defaultUserCodeLimit, devicePages } from './device-flow.ts';
import { endpoints, onlyMethods } from './endpoints.ts';
import { errorHandler, providerErrors } from './error-handler.ts';
import { firstPartyRoutes } from './first-party/routes.ts';
import { callProvider } from './for-provider.ts';
import { readForm } from './form.ts';
import { securityHeaders } from './headers.ts';
import { interactionRoutes } from './interaction/routes.ts';
import { invitationRoutes } from './invitation.ts';
import { keepProvider } from './keep-provider.ts';
import { languageRoutes, readLanguage } from './language.ts';
import {
  authorizationPages,
  defaultAuthorizationsPerMinute,
  limitAuthorizations,
} from './limits/limit-authorizations.ts';
import {
  type ClientLimits,
  clientEndpoints,
  defaultClientLimits,
  limitClients,
} from './limits/limit-clients.ts';
import type { FailureLimit } from './limits/limit-failures.ts';
import { defaultMailLimits, limitMails, type MailLimits } from './limits/limit-mails.ts';
import { noticeLimits } from './limits/limit-notices.ts';
import { defaultSignInLimits, limitSignIns, type SignInLimits } from './limits/limit-sign-ins.ts';
import { sharedStore } from './limits/shared-store.ts';
import { logoutPages } from './logout-pages.ts';
import { createPages } from './pages.ts';
import { createProvider } from './provider.ts';
import { refuseCrossSite } from './refuse-cross-site.ts';
import { registrationRoutes } from './registration/routes.ts';
import { defaultSecondFactorLimit, limitSecondFactors } from './second-factor/limits.ts';
import { openSecondFactors } from './second-factor/second-factors.ts';
import type { SecretUses } from './secret-uses.ts';
import { loadKeys } from './signing-keys.ts';

export interface AuthAppOptions {
  product: Product;
  db: Database;
  logger: Logger;
  settings: {
    /** Where clients and browsers reach this server, without a path. */
    authUrl: string;
    apiUrl: string;
    /** 32 bytes as 64 hexadecimal characters. */
    encryptionKey: string;
    /** How old the newest signing key becomes before the next one is published. */
    signingRotationDays: number;
    trustedProxies: readonly string[];
    /** Whether a client may describe itself at the URL that is its id. */
    clientDocuments: boolean;
    /** Whether anybody may make an account, and organizations of one's own. */
    signUp: boolean;
  };
  /** Where processes share their counts by address; without it each counts alone. */
  redis?: Redis | null;
  signInLimits?: SignInLimits;
  mailLimits?: MailLimits;
  clientLimits?: ClientLimits;
  /** How often one network opens what stores something for anybody. */
  authorizationsPerMinute?: number;
  userCodeLimit?: FailureLimit;
  secondFactorLimit?: FailureLimit;
  /** Calls the URLs that clients gave; on the public Internet alone when left out. */
  fetchOutside?: ReturnType<typeof outsideFetch>;
  secretUses: SecretUses;
}

/** A server's app, and what ends its work beside the requests. */
export interface AuthApp {
  app: Express;
  close(): Promise<void>;
}

/**
 * The authorization server of one product. Reads the signing keys, makes them the first time, and follows their
 * changes. Throws an Error of one line when the encryption key is not theirs. Problem: `unavailable`.
 */
export async function createAuthApp(options: AuthAppOptions): Promise<AuthApp> {
  const { product, db, logger, settings, redis, secretUses } = options;
  const { authUrl: issuer, apiUrl, encryptionKey, trustedProxies } = settings;
  const assets = createAssets(product.brand);
  const pages = createPages(product, assets);
  const fetchOutside = options.fetchOutside ?? outsideFetch();
  const documents = settings.clientDocuments ? clientDocuments({ product, db, fetchOutside }) : null;
  const sessionUses = recordSessionUses(db, logger);
  const facts = {
    product,
    db,
    logger,
    issuer,
    apiUrl,
    encryptionKey,
    renderError: providerErrors(pages),
    secretUses,
    sessionUses,
    devicePages: devicePages(pages),
    logoutPages: logoutPages(pages),
    documents,
    fetchOutside,
  };
  const keeper = await keepProvider(
    () => loadKeys(db, encryptionKey, settings.signingRotationDays),
    (keys) => createProvider({ ...facts, keys }),
    logger,
  );
  const store = (prefix: string) => (redis ? sharedStore(redis, prefix) : new MemoryStore());
  const devices = knownDevices({ issuer, encryptionKey });
  const limits = options.signInLimits ?? defaultSignInLimits;
  const signInLimits = limitSignIns({ pages, devices, limits, store });
  const mailLimits = limitMails({ pages, limits: options.mailLimits ?? defaultMailLimits, store });
  const clientLimits = limitClients(options.clientLimits ?? defaultClientLimits, store);
  const authorizationLimit = limitAuthorizations({
    pages,
    perMinute: options.authorizationsPerMinute ?? defaultAuthorizationsPerMinute,
    store: store('authorizations:'),
  });
  const userCodeLimit = options.userCodeLimit ?? defaultUserCodeLimit;

  const secondFactors = openSecondFactors({ db, product, issuer, encryptionKey });
  const secondFactorLimits = limitSecondFactors({
    pages,
    limit: options.secondFactorLimit ?? defaultSecondFactorLimit,
    store,
  });

  const app = express();
  app.disable('x-powered-by').set('trust proxy', [...trustedProxies]);
  app.use(assignRequestId(), logRequests(logger), securityHeaders(issuer), readLanguage());
  app.get(
    '/health',
    healthRoute(() => ping(db)),
  );
  app.use(assets.routes);
  const guard = refuseCrossSite(issuer, pages);
  const toProvider = callProvider(keeper, { issuer, apiUrl });
  const second = { secondFactors, secondFactorLimits, notices: noticeLimits(store) };
  const context = {
    product,
    db,
    keeper,
    pages,
    issuer,
    signInLimits,
    mailLimits,
    areas: accountAreas,
    documents,
    devices,
    sessionUses,
    sendMail: accountMailer({ issuer, encryptionKey }),
    signUp: settings.signUp,
    ...second,
  };
  app.use(languageRoutes(context, guard));
  app.use(interactionRoutes(context, { refuseCrossSite: guard, signInLimits }));
  app.use(
    accountArea(
      context,
      guard,
      signInRoutes(toProvider),
      signUpRoutes,
      resetRoutes,
      takeBackRoutes,
      invitationRoutes,
    ),
  );
  app.use(await firstPartyRoutes({ ...facts, keeper, signInLimits }));
  app.all([...authorizationPages], authorizationLimit);
  app.use(beforeUserCode({ keeper, issuer, pages, store: store('user-code:'), limit: userCodeLimit }));
  // Tokens can be guessed there, too.
  app.use('/oauth/register', ...clientLimits);
  app.use(registrationRoutes({ product, db, issuer }));
  for (const [path, methods] of Object.entries(endpoints)) {
    const limits = clientEndpoints.includes(path) ? clientLimits : [];
    const json = path === '/oauth/token' && product.oauth.jsonTokenRequests === true;
    app.all(path, onlyMethods(methods), ...limits, ...readForm({ json }), toProvider);
  }
  app.use((request) => {
    throw new Problem('not_found', `There is nothing at ${request.path}`);
  });
  app.use(errorHandler(pages, logger));
  return {
    app,
    close() {
      keeper.close();
      return sessionUses.close();
    },
  };
}

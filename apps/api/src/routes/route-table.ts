import type { Capability, Product } from '#catalog';
import { accountMailer, type Database, type RequestRecord } from '#store';
import { passwordLoginClient } from '../credentials/password-login.ts';
import type { Limiter } from '../limits/limiter.ts';
import { contractRoutes } from '../openapi/contract-routes.ts';
import { accountRoutes } from './account.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { appRoutes } from './apps.ts';
import { auditExportRoutes } from './audit-export.ts';
import { auditLogRoutes } from './audit-log.ts';
import { clientRoutes } from './clients.ts';
import { explainRoutes } from './explain.ts';
import { healthRoutes } from './health.ts';
import { invitationRoutes } from './invitations.ts';
import { keyHistoryRoutes } from './key-history.ts';
import { keyStatisticsRoutes } from './key-statistics.ts';
import { keyUsageRoutes } from './key-usage.ts';
import { leakedKeyRoutes } from './leaked-keys.ts';
import { loginRoutes } from './login.ts';
import { memberRoutes } from './members.ts';
import { organizationRoutes } from './organization.ts';
import { protectedResourceRoutes } from './protected-resource.ts';
import { requestLogRoutes } from './request-log.ts';
import { resourceRoutes } from './resources.ts';
import type { Route } from './route.ts';
import { userMembershipRoutes } from './user-memberships.ts';
import { verifyCredentialRoutes } from './verify-credential.ts';

/** What routes are made with. */
export interface RouteDependencies {
  db: Database;
  product: Product;
  limiter: Limiter;
  /** A request's record that is not in the database yet. */
  findUnwritten: (requestId: string) => RequestRecord | null;
  /** Where clients reach this API and its authorization server. */
  apiUrl: string;
  authUrl: string;
  /** What the authorization server has, too: 32 bytes as 64 hexadecimal characters. */
  encryptionKey: string;
}

/** Every route of a product's API: those that its definition declares, and those of each deployment. */
export function routeTable(dependencies: RouteDependencies): Route[] {
  const { db, product } = dependencies;
  const fromOrigin = <Declared extends { path: string }>(declared: Declared) => ({
    ...declared,
    path: product.basePath + declared.path,
  });
  const routes = [
    ...product.capabilities
      .map(fromOrigin)
      .flatMap((declared) => capabilityRoutes(dependencies, declared, () => table)),
    ...product.resources.map(fromOrigin).flatMap((resource) => resourceRoutes(db, resource)),
    ...healthRoutes(db),
    ...protectedResourceRoutes(product, dependencies),
  ];
  const table: Route[] = [...routes, ...contractRoutes(product, routes, dependencies)];
  return table;
}

function capabilityRoutes(
  dependencies: RouteDependencies,
  declared: Capability,
  table: () => readonly Route[],
): Route[] {
  const { db, product, apiUrl, authUrl, encryptionKey } = dependencies;
  const sendMail = accountMailer({ issuer: authUrl, encryptionKey });
  switch (declared.capability) {
    case 'apiKeys':
      return apiKeyRoutes(db, product, declared);
    case 'keyUsage':
      return keyUsageRoutes(db, declared);
    case 'keyStatistics':
      return keyStatisticsRoutes(db, declared);
    case 'keyHistory':
      return keyHistoryRoutes(db, declared);
    case 'verifyCredential':
      return verifyCredentialRoutes(declared);
    case 'account':
      return accountRoutes(db, declared);
    case 'members':
      return memberRoutes({ db, product, sendMail }, declared);
    case 'invitations':
      return invitationRoutes({ db, product, sendMail }, declared);
    case 'passwordLogin':
      return [
        ...loginRoutes(product, passwordLoginClient({ authUrl, encryptionKey }), declared),
        ...userMembershipRoutes(db, product.basePath + declared.membershipsPath),
      ];
    case 'auditLog':
      return [...auditLogRoutes(db, declared), ...auditExportRoutes(db, declared)];
    case 'requestLog':
      return requestLogRoutes(db, dependencies.findUnwritten, declared);
    case 'organizationSettings':
      return organizationRoutes(db, product, declared);
    case 'oauthClients':
      return clientRoutes(db, product, {
        ...declared,
        registrationTokensPath: product.basePath + declared.registrationTokensPath,
      });
    case 'apps':
      return appRoutes(db, declared);
    case 'leakedKeyReports':
      return leakedKeyRoutes(db, product, declared, apiUrl);
    case 'explainAccess':
      return explainRoutes({ ...dependencies, table }, declared);
  }
}

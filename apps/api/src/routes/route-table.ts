import type { Capability, Product } from '#catalog';
import type { Database, RequestRecord } from '#store';
import type { Limiter } from '../limits/limiter.ts';
import { accountRoutes } from './account.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { auditLogRoutes } from './audit-log.ts';
import { explainRoutes } from './explain.ts';
import { memberRoutes } from './members.ts';
import { organizationRoutes } from './organization.ts';
import { requestLogRoutes } from './request-log.ts';
import { resourceRoutes } from './resources.ts';
import type { Route } from './route.ts';
import { verifyCredentialRoutes } from './verify-credential.ts';

/** What routes are made with. */
export interface RouteDependencies {
  db: Database;
  product: Product;
  limiter: Limiter;
  /** A request's record that is not in the database yet. */
  findUnwritten: (requestId: string) => RequestRecord | null;
}

/** Every route of a product's API, as its definition declares them. */
export function routeTable(dependencies: RouteDependencies): Route[] {
  const { db, product } = dependencies;
  const table: Route[] = [
    ...product.capabilities.flatMap((declared) => capabilityRoutes(dependencies, declared, () => table)),
    ...product.resources.flatMap((resource) => resourceRoutes(db, resource)),
  ];
  return table;
}

function capabilityRoutes(
  dependencies: RouteDependencies,
  declared: Capability,
  table: () => readonly Route[],
): Route[] {
  const { db, product } = dependencies;
  switch (declared.capability) {
    case 'apiKeys':
      return apiKeyRoutes(db, product, declared);
    case 'verifyCredential':
      return verifyCredentialRoutes(declared);
    case 'account':
      return accountRoutes(db, declared);
    case 'members':
      return memberRoutes(db, product, declared);
    case 'auditLog':
      return auditLogRoutes(db, declared);
    case 'requestLog':
      return requestLogRoutes(db, dependencies.findUnwritten, declared);
    case 'organizationSettings':
      return organizationRoutes(db, product, declared);
    // It takes no credential, so it stands before the steps that ask for one: see public-routes.ts.
    case 'leakedKeyReports':
      return [];
    case 'explainAccess':
      return explainRoutes({ ...dependencies, table }, declared);
  }
}

import type { Capability, Product } from '#catalog';
import type { Database } from '#store';
import { accountRoutes } from './account.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { auditLogRoutes } from './audit-log.ts';
import { memberRoutes } from './members.ts';
import { organizationRoutes } from './organization.ts';
import { resourceRoutes } from './resources.ts';
import type { Route } from './route.ts';
import { verifyCredentialRoutes } from './verify-credential.ts';

/** Every route of a product's API, as its definition declares them. */
export function routeTable(db: Database, product: Product): Route[] {
  return [
    ...product.capabilities.flatMap((declared) => capabilityRoutes(db, product, declared)),
    ...product.resources.flatMap((resource) => resourceRoutes(db, resource)),
  ];
}

function capabilityRoutes(db: Database, product: Product, declared: Capability): Route[] {
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
    case 'organizationSettings':
      return organizationRoutes(db, product, declared);
  }
}

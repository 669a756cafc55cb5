import { type Product, type Role, roles } from './product.ts';
import { missingScopes } from './scope.ts';

/** The roles that manage an organization's members on the pages of the account. */
export const managingRoles: readonly Role[] = ['owner', 'admin'];

/** The role that only looks. */
const leastRole: Role = 'viewer';

/**
 * What keeps somebody who holds `scopes` from giving or taking a role: a scope that only the role has; null when nothing does.
 * The role that only looks is anybody's to give who may manage members.
 */
export function scopeBeyond(product: Product, scopes: readonly string[], role: Role): string | null {
  // assumed: a document lets one permission add users, which no role would be within otherwise (VaultWares, Permissions).
  if (role === leastRole) return null;
  return missingScopes(product, scopes, product.roles[role])[0] ?? null;
}

/** The roles that a member in `role` may give and take: none above it, and none that can do more. */
export function rolesWithin(product: Product, role: Role): Role[] {
  return roles
    .slice(roles.indexOf(role))
    .filter((each) => scopeBeyond(product, product.roles[role], each) === null);
}

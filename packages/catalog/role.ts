import { type Product, type Role, roles } from './product.ts';
import { holdsScope, missingScopes } from './scope.ts';

/** The roles that manage an organization's members on the pages of the account. */
export const managingRoles: readonly Role[] = ['owner', 'admin'];

/**
 * What keeps somebody who holds `scopes` from giving or taking a role: a scope that only the role has; null when nothing does.
 * Where the product has a scope above all, only that one counts: managing users is a scope of its own there, and it must not
 * lead to full access.
 */
export function scopeBeyond(product: Product, scopes: readonly string[], role: Role): string | null {
  const { superScope } = product;
  const needed = product.roles[role];
  const missing =
    superScope === undefined
      ? missingScopes(product, scopes, needed)
      : needed.filter((scope) => scope === superScope && !holdsScope(product, scopes, scope));
  return missing[0] ?? null;
}

/** The roles that a member in `role` may give and take: none above it, and none that can do more. */
export function rolesWithin(product: Product, role: Role): Role[] {
  return roles
    .slice(roles.indexOf(role))
    .filter((each) => scopeBeyond(product, product.roles[role], each) === null);
}

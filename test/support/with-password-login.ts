import { type Product, passwordLogin } from '#catalog';

export const organizationHeader = 'X-Active-Org-Id';

/** The same product with a password login, whose tokens reach each of a person's organizations by a header. */
export function withPasswordLogin(product: Product): Product {
  const login = { path: '/auth/login', membershipsPath: '/org/memberships', organizationHeader };
  return { ...product, capabilities: [...product.capabilities, passwordLogin(login)] };
}

import type { Plan, Product } from '#catalog';

/** The plan of the organization behind a credential. Throws an Error when the product has no such plan. */
export function planOf(
  product: Product,
  { organizationId, plan }: { organizationId: string; plan: string },
): Plan {
  const found = product.plans[plan];
  if (!found) throw new Error(`organization ${organizationId} has the unknown plan ${plan}`);
  return found;
}

import { Problem, type Product, planHasOauth } from '#catalog';

/**
 * Lets an access token go on while the organization that it reaches has OAuth in its plan, and the one that owns the
 * client, too; `clientPlan` is null when nobody owns it. Problem: `plan_required`.
 */
export function requireOauth(
  product: Product,
  { plan, clientPlan }: { plan: string; clientPlan: string | null },
): void {
  const plans = product.oauth.plans.join(' or ');
  if (!planHasOauth(product, plan)) {
    throw new Problem('plan_required', `Access tokens come with the plan ${plans}.`, {
      mend: `Take the plan ${plans}; the organization has ${plan}.`,
    });
  }
  if (clientPlan !== null && !planHasOauth(product, clientPlan)) {
    throw new Problem('plan_required', `The plan of the organization that owns the app has no OAuth.`, {
      mend: `The owner of the app has to take the plan ${plans}.`,
    });
  }
}

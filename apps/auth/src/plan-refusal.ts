import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { type Product, planHasOauth } from '#catalog';
import type { AccessTokenCredential } from '#store';
import { planOf } from './client-metadata.ts';
import { explained, type Refusal } from './refusal.ts';

type Client = NonNullable<KoaContextWithOIDC['oidc']['client']>;

/**
 * Lets a client go on whose organization has OAuth in its plan; one that describes itself has no organization. Throws
 * `unauthorized_client`.
 */
export function requireClientPlan(product: Product, client: Client): void {
  const plan = planOf(client);
  if (plan === null || planHasOauth(product, plan)) return;
  const detail = 'The plan of the organization that owns the client has no OAuth.';
  const error = new errors.UnauthorizedClient("the plan of the client's organization has no OAuth");
  throw explained(error, { rule: 'plan_required', detail, mend: mendOf(product) });
}

/** Whether the organization that a user let a client into still has OAuth in its plan, and the client's own, too. */
export function standsOnPlans(product: Product, { plan, clientPlan }: AccessTokenCredential): boolean {
  return planHasOauth(product, plan) && (clientPlan === null || planHasOauth(product, clientPlan));
}

/** Why nothing comes of what was given for an organization whose plan has no OAuth any more. */
export function userPlanRefusal(product: Product): Refusal {
  const detail = 'The plan of the organization that the user let the client into has no OAuth.';
  return { rule: 'plan_required', detail, mend: mendOf(product) };
}

function mendOf({ oauth }: Product): string {
  return `That organization has to take the plan ${oauth.plans.join(' or ')}; then all is good again.`;
}

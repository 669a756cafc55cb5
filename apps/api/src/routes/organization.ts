import { z } from 'zod';
import { appPolicies, type OrganizationSettings, type Product, wireTime } from '#catalog';
import {
  applyAppPolicy,
  type Database,
  findOrganization,
  leakedKeys,
  lockOrganization,
  type Organization,
  removedMemberKeys,
  updateOrganization,
} from '#store';
import { allowlistProblems, requireAllowlistPlan, requireNoLockout } from './allowlist.ts';
import { allowedIps } from './api-key-schemas.ts';
import { recordChange } from './audit.ts';
import { type Route, route } from './route.ts';
import { idAnswer, timeAnswer } from './wire-schemas.ts';

const change = z.strictObject({
  name: z.string().trim().min(1).max(200).optional(),
  allowed_ips: allowedIps.optional(),
  removed_member_keys: z.enum(removedMemberKeys).optional(),
  leaked_keys: z.enum(leakedKeys).optional(),
  require_second_factor: z.boolean().optional(),
  app_policy: z.enum(appPolicies).optional(),
  force: z.boolean().default(false),
});

const organizationAnswer = z
  .object({
    id: idAnswer('org'),
    name: z.string(),
    plan: z.string(),
    allowed_ips: z.array(z.string()),
    removed_member_keys: z.enum(removedMemberKeys),
    leaked_keys: z.enum(leakedKeys),
    require_second_factor: z.boolean(),
    app_policy: z.enum(appPolicies).meta({
      description: 'Whether members may connect apps that are not its own and that nobody decided about.',
    }),
    created_at: timeAnswer,
    updated_at: timeAnswer,
  })
  .meta({ title: 'Organization' });

/** The routes over what an organization has chosen for itself. They exist in live mode only: the choices hold in both. */
export function organizationRoutes(
  db: Database,
  product: Product,
  { path, scope }: OrganizationSettings,
): Route[] {
  const common = { path, scope, mode: 'live', tag: 'Organization', answer: organizationAnswer } as const;
  return [
    route({
      ...common,
      method: 'get',
      summary: 'Get the organization',
      async handle({ caller }) {
        return { status: 200, body: present(found(await findOrganization(db, caller.organizationId))) };
      },
    }),
    route({
      ...common,
      method: 'patch',
      summary: 'Update the organization',
      problems: ['conflict', ...allowlistProblems(product)],
      body: change,
      handle: (request) =>
        db.transaction(async (tx) => {
          const { caller, body } = request;
          requireAllowlistPlan(product, caller, body.allowed_ips ?? []);
          requireNoLockout(request, body.allowed_ips ?? [], body.force);
          const before = found(await lockOrganization(tx, caller.organizationId));
          const after = await updateOrganization(tx, before.id, {
            name: body.name ?? before.name,
            allowedIps: body.allowed_ips ?? before.allowedIps,
            removedMemberKeys: body.removed_member_keys ?? before.removedMemberKeys,
            leakedKeys: body.leaked_keys ?? before.leakedKeys,
            requireSecondFactor: body.require_second_factor ?? before.requireSecondFactor,
            appPolicy: body.app_policy ?? before.appPolicy,
          });
          const ended = await applyAppPolicy(tx, after.id, 'en');
          await recordChange(tx, request, {
            mode: 'live',
            action: 'organization.updated',
            targetType: 'organization',
            targetId: before.id,
            before: present(before),
            after: { ...present(after), ...(ended.length > 0 && { ended_consents: ended }) },
          });
          return { status: 200, body: present(after) };
        }),
    }),
  ];
}

function found(organization: Organization | null): Organization {
  if (!organization) throw new Error('the organization of a caller is gone');
  return organization;
}

function present(organization: Organization): z.infer<typeof organizationAnswer> {
  return {
    id: organization.id,
    name: organization.name,
    plan: organization.plan,
    allowed_ips: organization.allowedIps,
    removed_member_keys: organization.removedMemberKeys,
    leaked_keys: organization.leakedKeys,
    require_second_factor: organization.requireSecondFactor,
    app_policy: organization.appPolicy,
    created_at: wireTime(organization.createdAt),
    updated_at: wireTime(organization.updatedAt),
  };
}

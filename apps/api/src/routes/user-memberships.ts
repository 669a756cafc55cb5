import { z } from 'zod';
import { firstPartyClientId, roles } from '#catalog';
import { listMembershipsOfUser, type Queryable } from '#store';
import type { Caller } from '../caller.ts';
import { type Route, route } from './route.ts';
import { idAnswer } from './wire-schemas.ts';

const membershipsAnswer = z
  .object({
    active_org_id: idAnswer('org'),
    memberships: z.array(z.object({ org_id: idAnswer('org'), name: z.string(), role: z.enum(roles) })),
  })
  .meta({ title: 'Memberships' });

/** The route at which a person's token tells which organization it works on, and which others it can reach. */
export function userMembershipRoutes(db: Queryable, path: string): Route[] {
  return [
    route({
      method: 'get',
      path,
      scope: null,
      summary: 'List my organizations',
      tag: 'Login',
      answer: membershipsAnswer,
      async handle({ caller }) {
        const memberships = (await membershipsOf(db, caller)).map(
          ({ organizationId, organizationName, role }) => ({
            org_id: organizationId,
            name: organizationName,
            role,
          }),
        );
        return { status: 200, body: { active_org_id: caller.organizationId, memberships } };
      },
    }),
  ];
}

/** Whoever let in another app did so for one organization: it hears of no other. */
async function membershipsOf(db: Queryable, { credential, organizationId }: Caller) {
  if (credential.type !== 'access_token') return [];
  const all = await listMembershipsOfUser(db, credential.userId);
  return all.filter(
    (each) => credential.clientId === firstPartyClientId || each.organizationId === organizationId,
  );
}

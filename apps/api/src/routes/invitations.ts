import { z } from 'zod';
import { type Invitations, Problem, type Product } from '#catalog';
import {
  type Database,
  findInvitation,
  invitationFacts,
  invite,
  listInvitations,
  resendInvitation,
  type SendAccountMail,
  withdrawInvitation,
} from '#store';
import { pageById } from './id-page.ts';
import { pageQuery } from './list-page.ts';
import { inviterOf, managerOf } from './member-manager.ts';
import { email, role } from './members.ts';
import { type Route, route } from './route.ts';
import { idAnswer, timeAnswer } from './wire-schemas.ts';

const invitationAnswer = z
  .object({
    id: idAnswer('inv'),
    email: z.string().meta({ examples: ['alex@example.com'] }),
    role,
    expires_at: timeAnswer,
    created_at: timeAnswer,
    updated_at: timeAnswer,
  })
  .meta({ title: 'Invitation' });

interface InvitationDependencies {
  db: Database;
  product: Product;
  sendMail: SendAccountMail;
}

/** The routes over who was asked to join the organization. No answer has the link, nor tells whether there is an account. */
export function invitationRoutes(dependencies: InvitationDependencies, declared: Invitations): Route[] {
  const { db } = dependencies;
  const common = { tag: 'Invitations', answer: invitationAnswer, mode: 'live' } as const;
  const item = `${declared.path}/:id`;
  return [
    route({
      ...common,
      method: 'get',
      path: declared.path,
      summary: 'List invitations',
      list: true,
      scope: declared.read,
      query: z.strictObject(pageQuery),
      handle: (request) =>
        pageById(
          request,
          (paging) => listInvitations(db, request.caller.organizationId, paging),
          invitationFacts,
        ),
    }),
    route({
      ...common,
      method: 'post',
      path: declared.path,
      summary: 'Invite somebody',
      status: 201,
      problems: ['conflict'],
      scope: declared.write,
      body: z.strictObject({ email, role: role.default('viewer') }),
      handle: (request) =>
        db.transaction(async (tx) => {
          const by = await inviterOf(tx, dependencies, request);
          return { status: 201, body: invitationFacts(await invite(tx, by, request.body)) };
        }),
    }),
    route({
      ...common,
      method: 'get',
      path: item,
      summary: 'Get an invitation',
      scope: declared.read,
      async handle({ caller, params: [id = ''] }) {
        const invitation = await findInvitation(db, caller.organizationId, id);
        if (!invitation) throw new Problem('not_found', `no invitation ${id}`);
        return { status: 200, body: invitationFacts(invitation) };
      },
    }),
    route({
      ...common,
      method: 'post',
      path: `${item}/resend`,
      summary: 'Send an invitation again',
      scope: declared.write,
      handle: (request) =>
        db.transaction(async (tx) => {
          const by = await inviterOf(tx, dependencies, request);
          const invitation = await resendInvitation(tx, by, request.params[0] ?? '');
          return { status: 200, body: invitationFacts(invitation) };
        }),
    }),
    route({
      ...common,
      method: 'delete',
      path: item,
      summary: 'Withdraw an invitation',
      answer: null,
      scope: declared.write,
      handle: (request) =>
        db.transaction(async (tx) => {
          const by = managerOf(dependencies.product, request);
          await withdrawInvitation(tx, by, request.params[0] ?? '');
          return { status: 204 };
        }),
    }),
  ];
}

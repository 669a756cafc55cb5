import type { Request, Response } from 'express';
import { z } from 'zod';
import { emailAddress, managingRoles, Problem, type Role, roles, rolesWithin } from '#catalog';
import {
  changeMember,
  findMember,
  findOrganization,
  type Inviter,
  invite,
  listInvitations,
  listMembers,
  type Member,
  type Organization,
  type Queryable,
  removeMember,
  resendInvitation,
  withdrawInvitation,
} from '#store';
import { emailOf } from '../email.ts';
import { requireForm } from '../form.ts';
import { messagesOf, readerOf } from '../language.ts';
import type { PageData } from '../pages.ts';
import type { SignedIn } from '../session.ts';
import type { AccountContext, AccountRoutes } from './account-area.ts';
import { accountFrame } from './account-frame.ts';
import { actorOf } from './actor-of.ts';
import { idInPath } from './id-in-path.ts';

const area = '/account/organizations';
const pageSize = 50;

/** One who may manage an organization, and which. */
interface Managing {
  organization: Organization;
  own: Member;
  /** The roles that this one may give and take. */
  within: readonly Role[];
}

/** The pages on which owners and admins manage an organization's members, and invite more. */
export function memberPages(routes: AccountRoutes, context: AccountContext): void {
  const path = `${area}/:organization/members`;
  const fresh = { fresh: true };
  routes.page(
    path,
    async (signedIn, request, response) => {
      await sendList(context, signedIn, request, response);
    },
    fresh,
  );
  routes.page(
    `${path}/:member`,
    async (signedIn, request, response) => {
      await sendMember(context, signedIn, request, response, null);
    },
    fresh,
  );

  /** A change by a form that stands on the page of the members, or on one member's. */
  const change = (
    at: string,
    done: string,
    work: (tx: Queryable, by: Inviter, request: Request) => Promise<unknown>,
    refuse: (signedIn: SignedIn, request: Request, response: Response, error: string) => Promise<void>,
  ) => {
    routes.action(
      path + at,
      async (signedIn, request, response) => {
        const managing = await requireManaging(context, signedIn, request);
        const by = inviterOf(context, signedIn, request, response, managing);
        try {
          await context.db.transaction((tx) => work(tx, by, request));
        } catch (error) {
          const said = error instanceof Problem ? wordsFor(response, error) : null;
          if (said === null) throw error;
          return refuse(signedIn, request, response, said);
        }
        response.redirect(303, `${area}/${managing.organization.id}/members?done=${done}`);
      },
      { ...fresh, page: (request) => pageOf(request, at) },
    );
  };
  const onList = (signedIn: SignedIn, request: Request, response: Response, error: string) =>
    sendList(context, signedIn, request, response, error);
  const onMember = (signedIn: SignedIn, request: Request, response: Response, error: string) =>
    sendMember(context, signedIn, request, response, error);

  change('', 'invited', (tx, by, request) => invite(tx, by, readInvitation(request)), onList);
  change(
    '/invitations/:invitation/resend',
    'invitationResent',
    (tx, by, request) => resendInvitation(tx, by, idInPath(request, 'invitation')),
    onList,
  );
  change(
    '/invitations/:invitation/withdraw',
    'invitationWithdrawn',
    (tx, by, request) => withdrawInvitation(tx, by, idInPath(request, 'invitation')),
    onList,
  );
  change(
    '/:member/role',
    'roleChanged',
    (tx, by, request) => changeMember(tx, by, idInPath(request, 'member'), { role: readRole(request) }),
    onMember,
  );
  change(
    '/:member/remove',
    'memberRemoved',
    (tx, by, request) => removeMember(tx, context.product, by, idInPath(request, 'member')),
    onMember,
  );
}

/** Where the form of a change stands. */
function pageOf(request: Request, at: string): string {
  const list = `${area}/${idInPath(request, 'organization')}/members`;
  return at.startsWith('/:member') ? `${list}/${idInPath(request, 'member')}` : list;
}

/** Problem: `not_found` for whoever is no owner or admin there. */
async function requireManaging(
  { db, product }: AccountContext,
  { user }: SignedIn,
  request: Request,
): Promise<Managing> {
  const id = idInPath(request, 'organization');
  const own = await findMember(db, id, user.id);
  const organization =
    own?.accepted && managingRoles.includes(own.role) ? await findOrganization(db, id) : null;
  if (!own || !organization) throw new Problem('not_found', `no organization ${id} that this user manages`);
  return { organization, own, within: rolesWithin(product, own.role) };
}

function inviterOf(
  { sendMail }: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
  { organization, own, within }: Managing,
): Inviter {
  return {
    ...actorOf(signedIn.user.id, request, response, organization.id),
    userId: signedIn.user.id,
    name: own.name,
    language: readerOf(response).language,
    sendMail,
    requireRole(role) {
      if (!within.includes(role)) throw new Problem('insufficient_scope', `${own.role} is below ${role}`);
    },
  };
}

/** What a refused change says; null for what is no answer to a form. */
function wordsFor(response: Response, { kind, message }: Problem): string | null {
  const { errors } = messagesOf(response).organizations;
  switch (kind) {
    case 'validation_failed':
      return message === 'role' ? errors.role : errors.email;
    case 'insufficient_scope':
      return errors.beyond;
    case 'rate_limited':
      return errors.tooManyInvitations;
    case 'conflict':
      return /owner/.test(message) ? errors.lastOwner : errors.there;
    default:
      return null;
  }
}

const roleSchema = z.enum(roles);

function readInvitation(request: Request): { email: string; role: Role } {
  const email = emailAddress.safeParse(emailOf(requireForm(request)));
  if (!email.success) throw new Problem('validation_failed', 'email');
  return { email: email.data, role: readRole(request) };
}

function readRole(request: Request): Role {
  const role = roleSchema.safeParse(requireForm(request).get('role'));
  if (!role.success) throw new Problem('validation_failed', 'role');
  return role.data;
}

function rolesOf(response: Response, within: readonly Role[]) {
  const words = messagesOf(response).shared.roles;
  return within.map((role) => ({
    value: role,
    text: words[role].replace(/^./, (first) => first.toUpperCase()),
  }));
}

async function sendList(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
  error: string | null = null,
): Promise<void> {
  const managing = await requireManaging(context, signedIn, request);
  const { organization, within } = managing;
  const { db } = context;
  const after =
    z
      .string()
      .regex(/^user_[0-9a-z]{26}$/)
      .safeParse(request.query.after).data ?? null;
  const all = { role: null, email: null };
  const members = await listMembers(db, organization.id, { limit: pageSize + 1, cursor: after, ...all });
  const invitations = await listInvitations(db, organization.id, { limit: 100, cursor: null });
  const path = `${area}/${organization.id}/members`;
  const words = messagesOf(response).shared.roles;
  const form = request.method === 'POST' ? requireForm(request) : null;
  const shown = members.slice(0, pageSize);
  const data: PageData['account-members'] = {
    ...accountFrame(context, signedIn, request, response),
    organization: organization.name,
    action: path,
    back: area,
    members: shown.map(({ userId, email, name, role, accepted }) => ({
      name,
      email,
      role: words[role],
      own: userId === signedIn.user.id,
      pending: !accepted,
      path: userId !== signedIn.user.id && within.includes(role) ? `${path}/${userId}` : null,
    })),
    next: members.length > pageSize ? `${path}?after=${shown.at(-1)?.userId}` : null,
    invitations: invitations.map(({ id, email, role, expiresAt }) => ({
      email,
      role: words[role],
      until: day(response, expiresAt),
      expired: Date.parse(expiresAt) <= Date.now(),
      path: within.includes(role) ? `${path}/invitations/${id}` : null,
    })),
    roles: rolesOf(response, within),
    email: form ? emailOf(form) : '',
    role: form?.get('role') ?? 'viewer',
    error,
  };
  context.pages.send(response, error === null ? 200 : 422, 'account-members', data);
}

async function sendMember(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
  error: string | null,
): Promise<void> {
  const { organization, within } = await requireManaging(context, signedIn, request);
  const id = idInPath(request, 'member');
  const member = await findMember(context.db, organization.id, id);
  if (!member || !within.includes(member.role)) throw new Problem('not_found', `no member ${id} to change`);
  const back = `${area}/${organization.id}/members`;
  context.pages.send(response, error === null ? 200 : 422, 'account-member', {
    ...accountFrame(context, signedIn, request, response),
    organization: organization.name,
    name: member.name,
    email: member.email,
    role: member.role,
    roles: rolesOf(response, within),
    action: `${back}/${id}`,
    back,
    error,
  });
}

function day(response: Response, time: string): string {
  const { language } = readerOf(response);
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(time));
}

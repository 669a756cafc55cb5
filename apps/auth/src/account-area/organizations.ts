import type { Request, Response } from 'express';
import { managingRoles, Problem } from '#catalog';
import {
  insertAuditEntry,
  insertMember,
  insertOrganization,
  listMembershipsOfUser,
  recordMember,
  removeMember,
} from '#store';
import { requireForm } from '../form.ts';
import { messagesOf } from '../language.ts';
import type { SignedIn } from '../session.ts';
import type { AccountArea, AccountContext } from './account-area.ts';
import { accountFrame } from './account-frame.ts';
import { actorOf } from './actor-of.ts';
import { idInPath } from './id-in-path.ts';
import { memberPages } from './members.ts';

const path = '/account/organizations';
const maxNameLength = 200;
const maxOwned = 20;

/** Where a user belongs: to look at, to leave, to manage, and to add to where anyone may sign up. */
export const organizations: AccountArea = {
  path,
  words: ({ organizations }) => organizations.area,
  routes(routes, context) {
    const answer = (signedIn: SignedIn, request: Request, response: Response) =>
      sendPage(context, signedIn, request, response);
    routes.page(path, answer);
    routes.action(path, (signedIn, request, response) => create(context, signedIn, request, response));
    routes.page(`${path}/:organization/leave`, (signedIn, request, response) =>
      askToLeave(context, signedIn, request, response, null),
    );
    routes.action(`${path}/:organization/leave`, (signedIn, request, response) =>
      leave(context, signedIn, request, response),
    );
    memberPages(routes, context);
  },
};

async function create(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
): Promise<void> {
  const { db, product, signUp } = context;
  if (!signUp) throw new Problem('not_found', 'Organizations are made by the operator alone.');
  const { errors } = messagesOf(response).organizations;
  const name = (requireForm(request).get('name') ?? '').trim();
  const refuse = (error: string) => sendPage(context, signedIn, request, response, { name, error });
  if (name === '' || name.length > maxNameLength) return refuse(errors.name(maxNameLength));
  const { id: userId, name: userName } = signedIn.user;
  const owned = (await listMembershipsOfUser(db, userId)).filter(({ role }) => role === 'owner');
  if (owned.length >= maxOwned) return refuse(errors.tooMany(maxOwned));
  await db.transaction(async (tx) => {
    const made = await insertOrganization(tx, { name, plan: product.defaultPlan, windows: null });
    const by = actorOf(userId, request, response, made.id);
    const member = await insertMember(tx, { organizationId: made.id, userId, role: 'owner', name: userName });
    await insertAuditEntry(tx, {
      ...by,
      mode: 'live',
      action: 'organization.created',
      targetType: 'organization',
      targetId: made.id,
      before: null,
      after: { id: made.id, name: made.name, plan: made.plan },
    });
    await recordMember(tx, by, 'user.created', null, member);
  });
  response.redirect(303, `${path}?done=organizationCreated`);
}

async function leave(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
): Promise<void> {
  const organizationId = idInPath(request, 'organization');
  const by = { ...actorOf(signedIn.user.id, request, response, organizationId), requireRole: () => {} };
  try {
    await context.db.transaction((tx) => removeMember(tx, context.product, by, signedIn.user.id));
  } catch (error) {
    if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
    const { lastOwner } = messagesOf(response).organizations.errors;
    return askToLeave(context, signedIn, request, response, lastOwner);
  }
  response.redirect(303, `${path}?done=organizationLeft`);
}

async function askToLeave(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
  error: string | null,
): Promise<void> {
  const id = idInPath(request, 'organization');
  const memberships = await listMembershipsOfUser(context.db, signedIn.user.id);
  const membership = memberships.find(({ organizationId }) => organizationId === id);
  if (!membership) throw new Problem('not_found', `no organization ${id} of this user`);
  context.pages.send(response, error === null ? 200 : 409, 'account-leave', {
    ...accountFrame(context, signedIn, request, response),
    name: membership.organizationName,
    action: `${path}/${id}/leave`,
    back: path,
    error,
  });
}

async function sendPage(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
  failed: { name: string; error: string } | null = null,
): Promise<void> {
  const { roles } = messagesOf(response).shared;
  const memberships = await listMembershipsOfUser(context.db, signedIn.user.id);
  context.pages.send(response, failed === null ? 200 : 422, 'account-organizations', {
    ...accountFrame(context, signedIn, request, response),
    organizations: memberships.map(({ organizationId, organizationName, role }) => ({
      name: organizationName,
      role: roles[role],
      members: managingRoles.includes(role) ? `${path}/${organizationId}/members` : null,
      leave: `${path}/${organizationId}/leave`,
    })),
    create: context.signUp ? { action: path, name: failed?.name ?? '', error: failed?.error ?? null } : null,
  });
}

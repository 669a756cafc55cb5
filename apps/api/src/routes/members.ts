import { z } from 'zod';
import {
  holdsScope,
  type Members,
  missingScopes,
  Problem,
  type ProblemKind,
  type Product,
  type Role,
  roles,
  wireTime,
} from '#catalog';
import {
  type Database,
  deleteMember,
  findMember,
  findOrInsertUser,
  insertMember,
  listMembers,
  lockOwners,
  type Member,
  type Queryable,
  updateMember,
} from '#store';
import type { Caller } from '../caller.ts';
import { requireLive } from '../credentials/require-live.ts';
import { lackedScope } from '../credentials/require-scope.ts';
import { recordChange } from './audit.ts';
import { decodeCursor, idCursor, pageQuery, toPage } from './list-page.ts';
import { type ApiRequest, type Route, route } from './route.ts';
import { idAnswer, timeAnswer } from './wire-schemas.ts';

const email = z
  .email()
  .max(254)
  .meta({ description: 'An e-mail address.', examples: ['alex@example.com'] });
const name = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .meta({ examples: ['Alex Example'] });
const role = z.enum(roles);

const memberAnswer = z
  .object({
    id: idAnswer('user'),
    email: z.string().meta({ examples: ['alex@example.com'] }),
    name: z.string(),
    role,
    created_at: timeAnswer,
    updated_at: timeAnswer,
  })
  .meta({ title: 'Member' });

/** What every one of these routes has in common. */
const common = { tag: 'Members', answer: memberAnswer };
const live: readonly ProblemKind[] = ['live_mode_required'];
const lastOwner: readonly ProblemKind[] = ['live_mode_required', 'conflict'];

/** The routes over the organization's members. They exist in live mode only: a test key must not reach people. */
export function memberRoutes(db: Database, product: Product, declared: Members): Route[] {
  const item = `${declared.path}/:id`;
  return [
    route({
      ...common,
      method: 'get',
      path: declared.path,
      summary: 'List members',
      list: true,
      problems: live,
      scope: declared.read,
      query: z.strictObject({ ...pageQuery, role: role.optional(), email: email.optional() }),
      async handle({ caller, query }) {
        requireLive(caller);
        const members = await listMembers(db, caller.organizationId, {
          limit: query.limit + 1,
          cursor: decodeCursor(query.cursor, () => idCursor),
          role: query.role ?? null,
          email: query.email ?? null,
        });
        const { items, nextCursor } = toPage(members, query.limit, (member) => member.userId);
        return { status: 200, page: { items: items.map(present), nextCursor } };
      },
    }),
    route({
      ...common,
      method: 'post',
      path: declared.path,
      summary: 'Add a member',
      status: 201,
      problems: lastOwner,
      scope: declared.write,
      body: z.strictObject({ email, name: name.optional(), role: role.default('viewer') }),
      handle: (request) => db.transaction((tx) => add(tx, product, request)),
    }),
    route({
      ...common,
      method: 'get',
      path: item,
      summary: 'Get a member',
      problems: live,
      scope: declared.read,
      handle: async (request) => ({ status: 200, body: present(await find(db, request)) }),
    }),
    route({
      ...common,
      method: 'put',
      summary: 'Replace a member',
      problems: lastOwner,
      path: item,
      scope: declared.write,
      body: z.strictObject({ name, role }),
      handle: (request) => db.transaction((tx) => change(tx, product, request, request.body)),
    }),
    route({
      ...common,
      method: 'patch',
      summary: 'Update a member',
      problems: lastOwner,
      path: item,
      scope: declared.write,
      body: z.strictObject({ name: name.optional(), role: role.optional() }),
      handle: (request) => db.transaction((tx) => change(tx, product, request, request.body)),
    }),
    route({
      ...common,
      method: 'delete',
      summary: 'Remove a member',
      answer: null,
      problems: lastOwner,
      path: item,
      scope: declared.delete,
      handle: (request) => db.transaction((tx) => remove(tx, product, request)),
    }),
  ];
}

async function add(
  tx: Queryable,
  product: Product,
  request: ApiRequest<unknown, { email: string; name?: string | undefined; role: Role }>,
) {
  const { caller, body } = request;
  requireLive(caller);
  requireRight(product, caller, body.role);
  const displayName = body.name ?? body.email;
  // A person is found by e-mail in whichever organization; nothing of theirs but the id comes from there.
  const user = await findOrInsertUser(tx, { email: body.email, name: displayName, passwordHash: null });
  const member = await insertMember(tx, {
    organizationId: caller.organizationId,
    userId: user.id,
    role: body.role,
    name: displayName,
  });
  if (!member) throw new Problem('conflict', 'A member with this e-mail address exists already.');
  await record(tx, request, 'user.created', null, member);
  return { status: 201 as const, body: present(member) };
}

async function change(
  tx: Queryable,
  product: Product,
  request: ApiRequest,
  wanted: { name?: string | undefined; role?: Role | undefined },
) {
  const owners = await lockOwners(tx, request.caller.organizationId);
  const before = await find(tx, request);
  const role = wanted.role ?? before.role;
  requireRight(product, request.caller, before.role);
  requireRight(product, request.caller, role);
  if (role !== 'owner') requireAnotherOwner(owners, before);
  const after = await updateMember(tx, { ...before, name: wanted.name ?? before.name, role });
  if (!after) throw new Error(`member ${before.userId} vanished under its lock`);
  await record(tx, request, 'user.updated', before, after);
  return { status: 200 as const, body: present(after) };
}

async function remove(tx: Queryable, product: Product, request: ApiRequest) {
  const owners = await lockOwners(tx, request.caller.organizationId);
  const before = await find(tx, request);
  requireRight(product, request.caller, before.role);
  requireAnotherOwner(owners, before);
  await deleteMember(tx, request.caller.organizationId, before.userId);
  await record(tx, request, 'user.deleted', before, null);
  return { status: 204 as const };
}

async function find(db: Queryable, { caller, params: [id = ''] }: ApiRequest): Promise<Member> {
  requireLive(caller);
  const member = await findMember(db, caller.organizationId, id);
  if (!member) throw new Problem('not_found', `no member ${id}`);
  return member;
}

/**
 * A caller gives and takes no role that could do more than itself. Where the product has a scope above all, only
 * that one counts: managing users is a scope of its own there, and it must not lead to full access.
 */
function requireRight(product: Product, caller: Caller, role: Role): void {
  const { superScope } = product;
  const needed = product.roles[role];
  const missing =
    superScope === undefined
      ? missingScopes(product, caller.scopes, needed)
      : needed.filter((scope) => scope === superScope && !holdsScope(product, caller.scopes, scope));
  if (missing[0] !== undefined) {
    throw lackedScope(product, caller, missing[0], `The role ${role} has ${missing[0]}.`);
  }
}

function requireAnotherOwner(owners: readonly string[], member: Member): void {
  if (member.role === 'owner' && owners.every((userId) => userId === member.userId)) {
    throw new Problem('conflict', 'The organization needs an owner, and this member is the last one.');
  }
}

function record(
  tx: Queryable,
  request: ApiRequest,
  action: string,
  before: Member | null,
  after: Member | null,
) {
  return recordChange(tx, request, {
    mode: 'live',
    action,
    targetType: 'user',
    targetId: (after ?? before)?.userId ?? '',
    before: before && present(before),
    after: after && present(after),
  });
}

function present(member: Member): z.infer<typeof memberAnswer> {
  return {
    id: member.userId,
    email: member.email,
    name: member.name,
    role: member.role,
    created_at: wireTime(member.createdAt),
    updated_at: wireTime(member.updatedAt),
  };
}

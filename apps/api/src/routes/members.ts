import { z } from 'zod';
import {
  emailAddress,
  type Members,
  Problem,
  type ProblemKind,
  type Product,
  type Role,
  roles,
} from '#catalog';
import {
  addMember,
  changeMember,
  type Database,
  findMember,
  listMembers,
  type Member,
  memberFacts,
  type Queryable,
  removeMember,
  type SendAccountMail,
} from '#store';
import { type Paging, pageById } from './id-page.ts';
import { pageQuery } from './list-page.ts';
import { inviterOf, managerOf } from './member-manager.ts';
import { type ApiRequest, type Route, route } from './route.ts';
import { idAnswer, timeAnswer } from './wire-schemas.ts';

export const email = emailAddress.meta({
  description: 'An e-mail address.',
  examples: ['alex@example.com'],
});
const name = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .meta({ examples: ['Alex Example'] });
export const role = z.enum(roles);

interface MemberDependencies {
  db: Database;
  product: Product;
  sendMail: SendAccountMail;
}

const memberAnswer = z
  .object({
    id: idAnswer('user'),
    email: z.string().meta({ examples: ['alex@example.com'] }),
    name: z.string(),
    role,
    status: z.enum(['active', 'pending']).meta({
      description:
        'Pending until the person accepts by the link of the mail: nobody reaches anything by it before.',
    }),
    created_at: timeAnswer,
    updated_at: timeAnswer,
  })
  .meta({ title: 'Member' });

/** What every one of these routes has in common. */
const common = { tag: 'Members', answer: memberAnswer, mode: 'live' } as const;
const lastOwner: readonly ProblemKind[] = ['conflict'];

/** The routes over the organization's members. They exist in live mode only: a test key must not reach people. */
export function memberRoutes(dependencies: MemberDependencies, declared: Members): Route[] {
  const { db, product } = dependencies;
  const item = `${declared.path}/:id`;
  return [
    route({
      ...common,
      method: 'get',
      path: declared.path,
      summary: 'List members',
      list: true,
      scope: declared.read,
      query: z.strictObject({ ...pageQuery, role: role.optional(), email: email.optional() }),
      handle(request) {
        const { role = null, email = null } = request.query;
        const list = (paging: Paging) =>
          listMembers(db, request.caller.organizationId, { ...paging, role, email });
        return pageById(request, list, memberFacts);
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
      handle: (request) => db.transaction((tx) => add(tx, dependencies, request)),
    }),
    route({
      ...common,
      method: 'get',
      path: item,
      summary: 'Get a member',
      scope: declared.read,
      handle: async (request) => ({ status: 200, body: memberFacts(await find(db, request)) }),
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
  dependencies: MemberDependencies,
  request: ApiRequest<unknown, { email: string; name?: string | undefined; role: Role }>,
) {
  const member = await addMember(tx, await inviterOf(tx, dependencies, request), request.body);
  return { status: 201 as const, body: memberFacts(member) };
}

async function change(
  tx: Queryable,
  product: Product,
  request: ApiRequest,
  wanted: { name?: string | undefined; role?: Role | undefined },
) {
  const member = await changeMember(tx, managerOf(product, request), request.params[0] ?? '', wanted);
  return { status: 200 as const, body: memberFacts(member) };
}

async function remove(tx: Queryable, product: Product, request: ApiRequest) {
  await removeMember(tx, product, managerOf(product, request), request.params[0] ?? '');
  return { status: 204 as const };
}

async function find(db: Queryable, { caller, params: [id = ''] }: ApiRequest): Promise<Member> {
  const member = await findMember(db, caller.organizationId, id);
  if (!member) throw new Problem('not_found', `no member ${id}`);
  return member;
}

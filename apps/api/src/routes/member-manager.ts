import { Problem, type Product, type Role, rolesWithin, scopeBeyond } from '#catalog';
import { findMember, type Inviter, type MemberManager, type Queryable, type SendAccountMail } from '#store';
import { type Caller, makerOf, userOf } from '../caller.ts';
import { lackedScope } from '../credentials/require-scope.ts';
import { actorOf } from './audit.ts';
import type { ApiRequest } from './route.ts';

/**
 * The caller as one who manages members: it gives and takes no role that could do more than itself, nor one above that of
 * the person behind it.
 */
export function managerOf(product: Product, request: ApiRequest): MemberManager {
  const { caller } = request;
  const own = highestRole(caller);
  return {
    ...actorOf(request),
    requireRole(role) {
      const missing = scopeBeyond(product, caller.scopes, role);
      if (missing !== null) throw lackedScope(product, caller, missing, `The role ${role} has ${missing}.`);
      if (rolesWithin(product, own).includes(role)) return;
      const detail = `The role ${role} is above ${own}, the highest that the caller may give or take.`;
      throw new Problem('insufficient_scope', detail, { mend: 'Let an owner do it.' });
    },
  };
}

/** The role of who is behind a caller; that of an admin behind a client, and a key whose maker is gone. */
function highestRole(caller: Caller): Role {
  if (makerOf(caller).createdBy === null) return 'owner';
  return caller.allowances.find(({ role }) => role !== undefined)?.role ?? 'admin';
}

/** The same as one who asks people to join. */
export async function inviterOf(
  tx: Queryable,
  { product, sendMail }: { product: Product; sendMail: SendAccountMail },
  request: ApiRequest,
): Promise<Inviter> {
  const { caller } = request;

  const userId = userOf(caller);
  const member = userId === null ? null : await findMember(tx, caller.organizationId, userId);
  const name = member?.name ?? null;
  return { ...managerOf(product, request), userId, name, language: 'en', sendMail };
}

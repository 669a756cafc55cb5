import type { Account } from '#catalog';
import { findOwnerEmail, type Queryable } from '#store';
import { type Route, route } from './route.ts';

/** The route at which any caller sees its organization's account. */
export function accountRoutes(db: Queryable, declared: Account): Route[] {
  return [
    route({
      method: 'get',
      path: declared.path,
      scope: null,
      summary: 'Get the account',
      tag: 'Account',
      answer: declared.account.answer,
      async handle({ caller: { organizationId, plan } }) {
        const email = await findOwnerEmail(db, organizationId);
        return { status: 200, body: declared.account.present({ organizationId, email, plan }) };
      },
    }),
  ];
}

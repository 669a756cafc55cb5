import { listMembershipsOfUser } from '#store';
import { messagesOf } from '../language.ts';
import type { AccountArea } from './account-area.ts';
import { accountFrame } from './account-frame.ts';
import { confirmRoutes } from './confirm.ts';

/** The account's home: who one is, where one belongs, and what there is to go to. */
export const home: AccountArea = {
  path: '/account',
  words: ({ account }) => account.home,
  routes(routes, context) {
    confirmRoutes(routes, context);
    routes.page('/account', async (signedIn, request, response) => {
      const { id, name, email } = signedIn.user;
      const memberships = await listMembershipsOfUser(context.db, id);
      const { roles } = messagesOf(response).shared;
      context.pages.send(response, 200, 'account-home', {
        ...accountFrame(context, signedIn, request, response),
        name,
        email,
        organizations: memberships.map(({ organizationName, role }) => ({
          name: organizationName,
          role: roles[role],
        })),
      });
    });
  },
};

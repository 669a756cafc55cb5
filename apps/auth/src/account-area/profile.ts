import { renameUser } from '#store';
import { changeEmailRoutes } from '../accounts/change-email.ts';
import { recordOwnChange } from '../audit.ts';
import { requireForm } from '../form.ts';
import { messagesOf } from '../language.ts';
import type { AccountArea } from './account-area.ts';
import { accountFrame } from './account-frame.ts';

const path = '/account/profile';
const maxName = 200;

/** The person's name and e-mail address. */
export const profile: AccountArea = {
  path,
  words: (messages) => messages.profile,
  routes(routes, context) {
    const { db, pages } = context;
    routes.page(path, (signedIn, request, response) => {
      const { name, email } = signedIn.user;
      const frame = accountFrame(context, signedIn, request, response);
      pages.send(response, 200, 'profile', { ...frame, name, email, error: null });
    });
    routes.action(path, async (signedIn, request, response) => {
      const name = (requireForm(request).get('name') ?? '').trim();
      if (name === '' || name.length > maxName) {
        const error = messagesOf(response).signUp.finish.missing;
        const frame = accountFrame(context, signedIn, request, response);
        return pages.send(response, 422, 'profile', { ...frame, name, email: signedIn.user.email, error });
      }
      const { id, name: former } = signedIn.user;
      if (name !== former) {
        await db.transaction(async (tx) => {
          await renameUser(tx, id, name);
          await recordOwnChange(tx, request, response, id, {
            action: 'user.updated',
            before: { id, name: former },
            after: { id, name },
          });
        });
      }
      response.redirect(303, `${path}?done=saved`);
    });
    changeEmailRoutes(routes, context);
  },
};

import type { Request, Response } from 'express';
import { hashPassword } from '#crypto';
import { changePassword, findUser } from '#store';
import { noteDevice } from '../accounts/note-sign-in.ts';
import { passwordChosen } from '../accounts/password-chosen.ts';
import { passwordContext, passwordMistake } from '../accounts/password-mistake.ts';
import { recordOwnChange } from '../audit.ts';
import { checkPassword } from '../check-password.ts';
import { requireForm } from '../form.ts';
import { messagesOf, readerOf } from '../language.ts';
import { noteFailure } from '../limits/limit-failures.ts';
import { openSession, type SignedIn } from '../session.ts';
import type { AccountArea, AccountContext } from './account-area.ts';
import { accountFrame } from './account-frame.ts';
import { countAsSignIn } from './confirm.ts';

const path = '/account/password';

/** The change of the password, by the present one. */
export const password: AccountArea = {
  path,
  words: ({ passwords }) => passwords,
  routes(routes, context) {
    routes.page(path, (signedIn, request, response) => sendPage(context, signedIn, request, response, {}));
    routes.action(path, (...args) => change(context, ...args), {
      before: [countAsSignIn(context), ...context.signInLimits],
    });
  },
};

async function change(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
): Promise<void> {
  const { db, product, sendMail } = context;
  const form = requireForm(request);
  const chosen = form.get('new_password') ?? '';
  const { mistakes } = messagesOf(response).passwords;
  const { id } = signedIn.user;
  const found = await checkPassword(db, form);
  if (found?.user.id !== id) {
    noteFailure(response);
    return sendPage(context, signedIn, request, response, { password: mistakes.wrong });
  }
  const mistake =
    chosen === form.get('password')
      ? 'same'
      : passwordMistake(chosen, passwordContext(product.name, found.user.email));
  if (mistake) return sendPage(context, signedIn, request, response, { chosen: mistakes[mistake] });

  const passwordHash = await hashPassword(chosen);
  const { language } = readerOf(response);
  const changed = await db.transaction(async (tx) => {
    await changePassword(tx, id, passwordHash);
    const about = { kind: 'password_changed', data: {} } as const;
    await sendMail(tx, { to: found.user.email, language, about, path: '/reset' });
    const user = await findUser(tx, id);
    await recordOwnChange(tx, request, response, id, passwordChosen(found.user));
    return user;
  });
  if (!changed) return response.redirect(303, '/sign-in');
  await noteDevice(context, request, response, changed.id);
  const { amr } = signedIn;
  await openSession(context, request, response, { userId: id, authTime: changed.sessionsFrom, amr });
  response.redirect(303, `${path}?done=passwordChanged`);
}

function sendPage(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
  errors: { password?: string; chosen?: string },
): void {
  const status = Object.keys(errors).length === 0 ? 200 : 422;
  context.pages.send(response, status, 'password', {
    ...accountFrame(context, signedIn, request, response),
    email: signedIn.user.email,
    has: signedIn.user.passwordHash !== null,
    errors: { password: errors.password ?? null, chosen: errors.chosen ?? null },
  });
}

import type { Request, Response } from 'express';
import {
  changeEmail,
  changePassword,
  consumeAccountToken,
  createResetToken,
  endAccountTokens,
  endSessions,
  endYoungerAccountTokens,
  findAccountToken,
  findUser,
  resetPath,
} from '#store';
import type { AccountContext } from '../account-area/account-area.ts';
import type { FormRouter } from '../form-router.ts';
import { messagesOf } from '../language.ts';
import { recordEmail } from './change-email.ts';
import { pathWith, sendGone, tokenOf } from './link.ts';
import { resetMinutes } from './reset.ts';

const path = '/email/undo';

/** The path of the link that the former address gets when an account's address changes. */
export function undoPath(token: string): string {
  return pathWith(path, { token });
}

/**
 * Takes an account back by the address that it had: the address is that again, every session and grant ends, and so does the
 * password, which whoever changed the address may know. A new one is chosen at once.
 */
export function undoEmailRoutes(router: FormRouter, context: AccountContext): void {
  router.get(path, async (request, response) => {
    const token = await findAccountToken(context.db, 'undo_email', tokenOf(request));
    if (!token) return sendGone(context.pages, response, '/reset');
    const action = undoPath(tokenOf(request));
    context.pages.send(response, 200, 'confirm-link', { kind: 'undo', action, email: token.email });
  });
  router.post(path, (request, response) => undo(context, request, response));
}

async function undo({ db, pages }: AccountContext, request: Request, response: Response): Promise<void> {
  const outcome = await db.transaction(async (tx) => {
    const token = await consumeAccountToken(tx, 'undo_email', tokenOf(request));
    const user = token?.userId == null ? null : await findUser(tx, token.userId);
    if (!token || !user) return 'gone';
    if (!(await changeEmail(tx, user.id, token.email))) return 'taken';
    await changePassword(tx, user.id, null, 'account_taken_back');
    await endSessions(tx, user.id);
    await endAccountTokens(tx, 'reset_password', user.id);
    await endAccountTokens(tx, 'change_email', user.id);
    // Those of later changes were sent to whoever made this one. An older one is still good against them.
    await endYoungerAccountTokens(tx, token);
    const secret = await createResetToken(tx, {
      userId: user.id,
      email: token.email,
      minutes: resetMinutes,
    });
    await recordEmail(tx, request, response, user, token.email);
    return { secret };
  });
  if (outcome === 'gone') return sendGone(pages, response, '/reset');
  if (outcome === 'taken') {
    const { profile, passwords } = messagesOf(response);
    const link = { href: '/sign-in', text: passwords.reset.backToSignIn };
    return pages.send(response, 422, 'message', { ...profile.email.taken, facts: {}, link });
  }
  response.redirect(303, resetPath(outcome.secret));
}

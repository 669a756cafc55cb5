import type { Request, Response } from 'express';
import {
  changeEmail,
  changePassword,
  consumeAccountToken,
  createResetToken,
  deleteSecondFactorsSince,
  endAccountTokens,
  endYoungerAccountTokens,
  findAccountToken,
  findUser,
  resetPath,
  takeBackPath,
} from '#store';
import type { AccountContext } from '../account-area/account-area.ts';
import { recordOwnChange } from '../audit.ts';
import type { FormRouter } from '../form-router.ts';
import { messagesOf } from '../language.ts';
import { sendGone, tokenOf } from './link.ts';
import { resetMinutes } from './reset.ts';

const path = '/take-back';

/**
 * Takes an account back by the link of the mail about another address, or about a new second factor. The address is that of the
 * mail again, and factors and recovery codes that were made since are gone. Every session and grant ends, and so does the
 * password, which whoever made the change may know. A new one is chosen at once.
 */
export function takeBackRoutes(router: FormRouter, context: AccountContext): void {
  router.get(path, async (request, response) => {
    const token = await findAccountToken(context.db, 'take_back', tokenOf(request));
    if (!token) return sendGone(context.pages, response, '/reset');
    const action = takeBackPath(tokenOf(request));
    context.pages.send(response, 200, 'confirm-link', { kind: 'take-back', action, email: token.email });
  });
  router.post(path, (request, response) => takeBack(context, request, response));
}

async function takeBack({ db, pages }: AccountContext, request: Request, response: Response): Promise<void> {
  const outcome = await db.transaction(async (tx) => {
    const token = await consumeAccountToken(tx, 'take_back', tokenOf(request));
    const user = token?.userId == null ? null : await findUser(tx, token.userId);
    if (!token || !user) return 'gone';
    if (!(await changeEmail(tx, user.id, token.email))) return 'taken';
    await changePassword(tx, user.id, null, 'account_taken_back');
    const removed = await deleteSecondFactorsSince(tx, token);
    await endAccountTokens(tx, 'change_email', user.id);
    // Those of later changes were sent to whoever made this one. An older one is still good against them.
    await endYoungerAccountTokens(tx, token);
    const secret = await createResetToken(tx, {
      userId: user.id,
      email: token.email,
      minutes: resetMinutes,
    });
    await recordOwnChange(tx, request, response, user.id, {
      action: 'user.taken_back',
      before: { id: user.id, email: user.email },
      after: { id: user.id, email: token.email, removed_second_factors: removed },
    });
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

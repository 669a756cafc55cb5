import type { Request, Response } from 'express';
import { type AccountMail, isEmailAddress } from '#catalog';
import { hashPassword } from '#crypto';
import {
  changePassword,
  consumeAccountToken,
  createResetToken,
  type Database,
  findAccountToken,
  findUser,
  resetPath,
  type User,
} from '#store';
import type { AccountContext } from '../account-area/account-area.ts';
import { returnTo } from '../account-area/sign-in.ts';
import { recordOwnChange } from '../audit.ts';
import { emailOf } from '../email.ts';
import { requireForm } from '../form.ts';
import type { FormRouter } from '../form-router.ts';
import { messagesOf, readerOf } from '../language.ts';
import { answerByMail } from './answer-by-mail.ts';
import { pathWith, sendGone, tokenOf } from './link.ts';
import { noteDevice } from './note-sign-in.ts';
import { passwordChosen } from './password-chosen.ts';
import { passwordContext, passwordMistake } from './password-mistake.ts';

/** For how long a link works that somebody asked for. */
export const resetMinutes = 30;

/** A new password by mail: for one who forgot it, and for one who has none yet. */
export function resetRoutes(router: FormRouter, context: AccountContext): void {
  router.get('/reset', (request, response) =>
    sendStart(context, request, response, { email: '', error: null }),
  );
  router.post('/reset', (request, response) => start(context, request, response), ...context.mailLimits);
  router.get('/reset/choose', async (request, response) => {
    const found = await findReset(context.db, tokenOf(request));
    if (!found) return sendGone(context.pages, response, '/reset');
    sendChoice(context, request, response, found.user, null);
  });
  router.post('/reset/choose', (request, response) => choose(context, request, response));
}

/** Mails the link, or that nobody has this address. */
async function start(context: AccountContext, request: Request, response: Response): Promise<void> {
  const email = emailOf(requireForm(request));
  if (!isEmailAddress(email)) {
    return sendStart(context, request, response, { email, error: messagesOf(response).signUp.badEmail });
  }
  const back = returnTo(context.issuer, request);
  await answerByMail(context, response, {
    email,
    action: pathWith('/reset', { return_to: back }),
    async mailFor(tx, user) {
      const userId = user?.id ?? null;
      return answerTo(user, await createResetToken(tx, { userId, email, back, minutes: resetMinutes }));
    },
  });
}

/** What the mail tells, and where its link leads: only the owner of the address hears whether there is an account. */
function answerTo(user: User | null, secret: string): { about: AccountMail; path: string | null } {
  if (!user) return { about: { kind: 'no_account', data: {} }, path: '/reset' };
  if (user.isDisabled) return { about: { kind: 'account_disabled', data: {} }, path: null };
  const data = { minutes: resetMinutes, first: user.passwordHash === null };
  return { about: { kind: 'reset_password', data }, path: resetPath(secret) };
}

/** Sets the password. It signs nobody in: whoever has the mail may lack the second factor. */
async function choose(context: AccountContext, request: Request, response: Response): Promise<void> {
  const { db, pages, product, sendMail } = context;
  const password = requireForm(request).get('password') ?? '';
  const secret = tokenOf(request);
  const found = await findReset(db, secret);
  if (!found) return sendGone(pages, response, '/reset');
  const { user, back } = found;

  const mistake = passwordMistake(password, passwordContext(product.name, user.email));
  if (mistake)
    return sendChoice(context, request, response, user, messagesOf(response).passwords.mistakes[mistake]);
  const passwordHash = await hashPassword(password);
  const done = await db.transaction(async (tx) => {
    if (!(await consumeAccountToken(tx, 'reset_password', secret))) return false;
    await changePassword(tx, user.id, passwordHash);
    await sendMail(tx, {
      to: user.email,
      language: readerOf(response).language,
      about: { kind: 'password_changed', data: {} },
      path: '/reset',
    });
    await recordOwnChange(tx, request, response, user.id, passwordChosen(user));
    return true;
  });
  if (!done) return sendGone(pages, response, '/reset');
  // Whoever has the mail is no stranger: the sign-in that follows waits for nobody's guesses.
  await noteDevice(context, request, response, user.id);
  const { signIn, passwords } = messagesOf(response);
  const { done: title, doneText: text } = passwords.reset;
  const href = back ?? '/sign-in';
  pages.send(response, 200, 'message', { title, text, facts: {}, link: { href, text: signIn.submit } });
}

async function findReset(db: Database, secret: string): Promise<{ user: User; back: string | null } | null> {
  const token = await findAccountToken(db, 'reset_password', secret);
  const user = token?.userId == null ? null : await findUser(db, token.userId);
  const back = token?.data.returnTo;
  return user && !user.isDisabled ? { user, back: typeof back === 'string' ? back : null } : null;
}

function sendStart(
  { pages, issuer }: AccountContext,
  request: Request,
  response: Response,
  { email, error }: { email: string; error: string | null },
): void {
  const back = returnTo(issuer, request);
  pages.send(response, error === null ? 200 : 422, 'reset', {
    action: pathWith('/reset', { return_to: back }),
    signIn: back ?? '/sign-in',
    email,
    error,
  });
}

function sendChoice(
  { pages }: AccountContext,
  request: Request,
  response: Response,
  { email, passwordHash }: User,
  error: string | null,
): void {
  pages.send(response, error === null ? 200 : 422, 'choose-password', {
    action: resetPath(tokenOf(request)),
    email,
    first: passwordHash === null,
    error,
  });
}

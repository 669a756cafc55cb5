import type { Request, Response } from 'express';
import { hashPassword } from '#crypto';
import {
  changePassword,
  consumeAccountToken,
  createAccountToken,
  type Database,
  endAccountTokens,
  findAccountToken,
  findUser,
  type Queryable,
  type User,
} from '#store';
import type { AccountContext } from '../account-area/account-area.ts';
import { returnTo } from '../account-area/sign-in.ts';
import { requireForm } from '../form.ts';
import type { FormRouter } from '../form-router.ts';
import { messagesOf, readerOf } from '../language.ts';
import { pathWith, sendGone, tokenOf } from './link.ts';
import { noteSignIn } from './note-sign-in.ts';
import { passwordContext, passwordMistake } from './password-mistake.ts';
import { startByMail } from './start-by-mail.ts';

const linkMinutes = 30;

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

/** A token for the path of a link on which the user chooses a new password. */
export function createResetToken(
  tx: Queryable,
  { userId, email, back = null }: { userId: string | null; email: string; back?: string | null },
): Promise<string> {
  return createAccountToken(tx, {
    purpose: 'reset_password',
    userId,
    email,
    data: { returnTo: back },
    expiresInSeconds: linkMinutes * 60,
  });
}

/** The path of such a link. */
export function resetPath(token: string): string {
  return pathWith('/reset/choose', { token });
}

/** Mails the link, or that nobody has this address. */
function start(context: AccountContext, request: Request, response: Response): Promise<void> {
  const { sendMail } = context;
  return startByMail(context, request, response, {
    path: '/reset',
    sendForm: (shown) => sendStart(context, request, response, shown),
    async mail(tx, { email, user, language, back }) {
      const secret = await createResetToken(tx, { userId: user?.id ?? null, email, back });
      const data = { minutes: linkMinutes, first: user?.passwordHash === null };
      await (user
        ? sendMail(tx, {
            to: user.email,
            language,
            about: { kind: 'reset_password', data },
            path: resetPath(secret),
          })
        : sendMail(tx, { to: email, language, about: { kind: 'no_account', data: {} }, path: '/reset' }));
    },
  });
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
  const language = user.language ?? readerOf(response).language;
  const done = await db.transaction(async (tx) => {
    if (!(await consumeAccountToken(tx, 'reset_password', secret))) return false;
    await changePassword(tx, user.id, passwordHash);
    await endAccountTokens(tx, 'reset_password', user.id);
    await sendMail(tx, {
      to: user.email,
      language,
      about: { kind: 'password_changed', data: {} },
      path: '/reset',
    });
    return true;
  });
  if (!done) return sendGone(pages, response, '/reset');
  // Whoever has the mail is no stranger: the sign-in that follows waits for nobody's guesses.
  await noteSignIn(context, request, response, user.id);
  const { signIn, passwords } = messagesOf(response);
  const { done: title, doneText: text } = passwords.reset;
  const href = back ?? '/sign-in';
  pages.send(response, 200, 'message', { title, text, facts: {}, link: { href, text: signIn.submit } });
}

async function findReset(db: Database, secret: string): Promise<{ user: User; back: string | null } | null> {
  const token = await findAccountToken(db, 'reset_password', secret);
  const user = token?.userId == null ? null : await findUser(db, token.userId);
  const back = token?.data.returnTo;
  return user && { user, back: typeof back === 'string' ? back : null };
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

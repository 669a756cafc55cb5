import type { Request, Response } from 'express';
import { isEmailAddress } from '#catalog';
import {
  type AccountToken,
  changeEmail,
  consumeAccountToken,
  createAccountToken,
  createTakeBackToken,
  endAccountTokens,
  findAccountToken,
  type Queryable,
  takeBackDays,
  takeBackPath,
  type User,
} from '#store';
import type { AccountContext, AccountRoutes } from '../account-area/account-area.ts';
import { recordOwnChange } from '../audit.ts';
import { emailKey, emailOf } from '../email.ts';
import { requireForm } from '../form.ts';
import { messagesOf, readerOf } from '../language.ts';
import type { SignedIn } from '../session.ts';
import { answerByMail } from './answer-by-mail.ts';
import { pathWith, sendGone, tokenOf } from './link.ts';

const path = '/account/email';
const confirmPath = '/account/email/confirm';
const profilePath = '/account/profile';
const linkHours = 24;

/** The change of the e-mail address: by a link to the new one, with a way back for the old one. */
export function changeEmailRoutes(routes: AccountRoutes, context: AccountContext): void {
  const { db, pages } = context;
  routes.page(
    path,
    (signedIn, _request, response) => sendForm(context, signedIn, response, { value: '', error: null }),
    { fresh: true },
  );
  routes.action(path, (...args) => start(context, ...args), { fresh: true, before: context.mailLimits });
  routes.page(confirmPath, async (signedIn, request, response) => {
    const token = await findAccountToken(db, 'change_email', tokenOf(request));
    if (token?.userId !== signedIn.user.id) return sendGone(pages, response, path);
    const action = pathWith(confirmPath, { token: tokenOf(request) });
    pages.send(response, 200, 'confirm-link', { kind: 'confirm', action, email: token.email });
  });
  routes.action(confirmPath, (...args) => confirm(context, ...args));
}

/** Mails the link to the new address, or that it has an account already. */
async function start(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
): Promise<void> {
  const { user } = signedIn;
  const email = emailOf(requireForm(request));
  const words = messagesOf(response);
  const same = emailKey(email) === emailKey(user.email);
  if (same || !isEmailAddress(email)) {
    const error = same ? words.profile.email.same : words.signUp.badEmail;
    return sendForm(context, signedIn, response, { value: email, error });
  }
  await answerByMail(context, response, {
    email,
    action: path,
    async mailFor(tx, other) {
      const token = await createAccountToken(tx, {
        purpose: 'change_email',
        userId: user.id,
        email,
        expiresInSeconds: linkHours * 3600,
      });
      if (other) return { about: { kind: 'account_exists', data: {} }, path: '/reset' };
      const about = { kind: 'verify_email', data: { hours: linkHours } } as const;
      return { about, path: pathWith(confirmPath, { token }) };
    },
  });
}

async function confirm(
  context: AccountContext,
  { user }: SignedIn,
  request: Request,
  response: Response,
): Promise<void> {
  const { db, pages, sendMail, devices } = context;
  // Nobody has the former address by the time of the mail, so that this alone tells its reader's language.
  const language = user.language ?? readerOf(response).language;
  const outcome = await db.transaction(async (tx) => {
    const token = await consumeOwn(tx, tokenOf(request), user);
    if (!token) return 'gone';
    if (!(await changeEmail(tx, user.id, token.email))) return 'taken';
    // Whoever has the former address gets no new password by it.
    await endAccountTokens(tx, 'reset_password', user.id);
    await endAccountTokens(tx, 'change_email', user.id);
    const about = { kind: 'email_changed', data: { email: token.email, days: takeBackDays } } as const;
    const path = takeBackPath(await createTakeBackToken(tx, user));
    await sendMail(tx, { to: user.email, language, about, path });
    await recordOwnChange(tx, request, response, user.id, {
      action: 'user.updated',
      before: { id: user.id, email: user.email },
      after: { id: user.id, email: token.email },
    });
    return token;
  });
  if (outcome === 'gone') return sendGone(pages, response, path);
  const { profile } = messagesOf(response);
  if (outcome === 'taken') {
    const link = { href: profilePath, text: profile.email.back };
    return pages.send(response, 422, 'message', { ...profile.email.taken, facts: {}, link });
  }
  devices.remember(request, response, outcome.email);
  response.redirect(303, `${profilePath}?done=emailChanged`);
}

async function consumeOwn(tx: Queryable, secret: string, { id }: User): Promise<AccountToken | null> {
  const token = await findAccountToken(tx, 'change_email', secret);
  return token?.userId === id ? consumeAccountToken(tx, 'change_email', secret) : null;
}

function sendForm(
  { pages }: AccountContext,
  { user: { email } }: SignedIn,
  response: Response,
  { value, error }: { value: string; error: string | null },
): void {
  pages.send(response, error === null ? 200 : 422, 'change-email', { action: path, email, value, error });
}

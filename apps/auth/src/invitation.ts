import type { Request, Response } from 'express';
import { Problem } from '#catalog';
import { hashPassword } from '#crypto';
import { clientAddress, requestIdOf } from '#http';
import { acceptOffer, claimUser, findOffer, findUserByEmail, type Offer } from '#store';
import type { AccountContext } from './account-area/account-area.ts';
import { noteSignIn } from './accounts/note-sign-in.ts';
import { type PasswordMistake, passwordContext, passwordMistake } from './accounts/password-mistake.ts';
import { requireForm } from './form.ts';
import type { FormRouter } from './form-router.ts';
import { messagesOf } from './language.ts';
import { findSignedIn, forgetSession, openSession } from './session.ts';

const path = '/invitation';

/** What a form that makes an account brought, and what is wrong with it. */
interface Mistakes {
  name: string;
  nameError: string | null;
  passwordError: string | null;
}

const none: Mistakes = { name: '', nameError: null, passwordError: null };

/** The page behind the link of an invitation: whoever has the link has read the mail, and so owns the address. */
export function invitationRoutes(router: FormRouter, context: AccountContext): void {
  router.get(path, (request, response) => show(context, request, response, none));
  router.post(path, (request, response) => join(context, request, response));
  router.post(`${path}/account`, (request, response) => joinAnew(context, request, response));
  router.post(`${path}/switch`, async (request, response) => {
    await forgetSession(context, request, response);
    response.redirect(303, here(request));
  });
}

/** Accepts it as who is signed in. */
async function join(context: AccountContext, request: Request, response: Response): Promise<void> {
  const signedIn = await findSignedIn(context, request, response);
  if (!signedIn) return response.redirect(303, here(request));
  const accepted = await unlessGone(() =>
    context.db.transaction((tx) =>
      acceptOffer(tx, context.product, {
        secret: tokenOf(request),
        user: signedIn.user,
        ...from(request, response),
      }),
    ),
  );
  if (!accepted) return show(context, request, response, none);
  response.redirect(303, '/account/organizations?done=joined');
}

/** Makes an account, accepts it with that, and signs in. */
async function joinAnew(context: AccountContext, request: Request, response: Response): Promise<void> {
  const { db, product } = context;
  const invitation = await findOffer(db, product, tokenOf(request));
  if (!invitation) return show(context, request, response, none);
  const form = requireForm(request);
  const [name, password] = [(form.get('name') ?? '').trim(), form.get('password') ?? ''];
  const known = passwordContext(product.name, invitation.email);
  const mistakes = mistakesOf(response, name, passwordMistake(password, known));
  if (mistakes) return show(context, request, response, mistakes);

  const passwordHash = await hashPassword(password);
  const user = await unlessGone(() =>
    db.transaction(async (tx) => {
      const claimed = await claimUser(tx, { email: invitation.email, name, passwordHash });
      if (!claimed) throw new Problem('conflict', 'The address has an account with a password.');
      const accepted = { secret: tokenOf(request), user: claimed, ...from(request, response) };
      await acceptOffer(tx, product, accepted);
      return claimed;
    }),
  );
  if (!user) return show(context, request, response, none);
  const authTime = Math.max(Math.floor(Date.now() / 1000), user.sessionsFrom);
  await noteSignIn(context, request, response, user.id);
  await openSession(context, request, response, { userId: user.id, authTime, amr: ['pwd'] });
  response.redirect(303, '/account/organizations?done=joined');
}

function mistakesOf(response: Response, name: string, password: PasswordMistake | null): Mistakes | null {
  const { invitation, passwords } = messagesOf(response);
  const nameError = name === '' || name.length > 200 ? invitation.nameError : null;
  const passwordError = password && passwords.mistakes[password];
  return nameError === null && passwordError === null ? null : { name, nameError, passwordError };
}

/** Null when the link, or the account, is not any more what the page that showed the form took it for. */
async function unlessGone<Result>(work: () => Promise<Result>): Promise<Result | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem && (error.kind === 'not_found' || error.kind === 'conflict')) return null;
    throw error;
  }
}

async function show(
  context: AccountContext,
  request: Request,
  response: Response,
  mistakes: Mistakes,
): Promise<void> {
  const invitation = await findOffer(context.db, context.product, tokenOf(request));
  if (!invitation) return showGone(context, response);
  const failed = mistakes.nameError !== null || mistakes.passwordError !== null;
  context.pages.send(response, failed ? 422 : 200, 'invitation', {
    action: here(request),
    accountAction: here(request, '/account'),
    switchAction: here(request, '/switch'),
    signIn: `/sign-in?${new URLSearchParams({ return_to: here(request) })}`,
    organization: invitation.organizationName,
    email: invitation.email,
    role: messagesOf(response).shared.roles[invitation.role],
    ...(await whoIsThere(context, request, response, invitation)),
    ...mistakes,
  });
}

/** What comes next for who is there: to join, with this account or another, to sign in, or to make an account. */
async function whoIsThere(
  context: AccountContext,
  request: Request,
  response: Response,
  { email }: Offer,
): Promise<{ next: 'join' | 'switch' | 'sign-in' | 'account'; signedInAs: string | null }> {
  const signedIn = await findSignedIn(context, request, response);
  if (signedIn) {
    const same = signedIn.user.email.toLowerCase() === email.toLowerCase();
    return { next: same ? 'join' : 'switch', signedInAs: signedIn.user.email };
  }
  const user = await findUserByEmail(context.db, email);
  const canSignIn = user !== null && (user.passwordHash !== null || user.hasSecondFactor);
  return { next: canSignIn ? 'sign-in' : 'account', signedInAs: null };
}

function showGone({ pages }: AccountContext, response: Response): void {
  const { title, text, link } = messagesOf(response).invitation.gone;
  pages.send(response, 404, 'message', { title, text, facts: {}, link: { href: '/sign-in', text: link } });
}

function tokenOf({ query: { token } }: Request): string {
  return typeof token === 'string' ? token : '';
}

function here(request: Request, below = ''): string {
  return `${path}${below}?${new URLSearchParams({ token: tokenOf(request) })}`;
}

function from(request: Request, response: Response) {
  return { requestId: requestIdOf(response), ipAddress: clientAddress(request) };
}

import type { Request, RequestHandler, Response } from 'express';
import { randomSecret } from '#crypto';
import { noteSignIn } from '../accounts/note-sign-in.ts';
import { signInLinks } from '../accounts/sign-in-links.ts';
import { checkPassword } from '../check-password.ts';
import { emailOf } from '../email.ts';
import { requireForm } from '../form.ts';
import type { FormRouter } from '../form-router.ts';
import { messagesOf } from '../language.ts';
import { noteFailure } from '../limits/limit-failures.ts';
import { localPath } from '../local-path.ts';
import { findSignedIn, openSession } from '../session.ts';
import type { AccountContext } from './account-area.ts';

/** Sign-in and sign-out outside of any authorization request. `endSession` is oidc-provider's own end of a session. */
export function signInRoutes(endSession: RequestHandler) {
  return (router: FormRouter, context: AccountContext): void => {
    router.get('/sign-in', async (request, response) => {
      if (await findSignedIn(context, request, response)) return goOn(context, request, response);
      sendPage(context, request, response, { status: 200, email: '', error: null });
    });
    router.post(
      '/sign-in',
      (request, response) => signIn(context, request, response),
      ...context.signInLimits,
    );
    router.post('/sign-out', (request, response) => signOut(context, endSession, request, response));
  };
}

async function signIn(context: AccountContext, request: Request, response: Response): Promise<void> {
  const form = requireForm(request);
  const found = await checkPassword(context.db, form);
  if (!found) {
    noteFailure(response);
    const error = messagesOf(response).signIn.wrong;
    return sendPage(context, request, response, { status: 422, email: emailOf(form), error });
  }
  const { user, authTime } = found;
  await noteSignIn(context, request, response, user);
  await openSession(context, request, response, { userId: user.id, authTime, amr: ['pwd'] });
  goOn(context, request, response);
}

/** Ends the session by oidc-provider's own form, which tells the apps that want to hear of it. */
async function signOut(
  { keeper: { provider } }: AccountContext,
  endSession: RequestHandler,
  request: Request,
  response: Response,
): Promise<void> {
  const session = await provider.Session.get(provider.createContext(request, response));
  if (session.accountId === undefined) return response.redirect(303, '/sign-in');
  const secret = randomSecret();
  session.state = { secret };
  await session.persist();
  request.url = '/oauth/logout/confirm';
  request.body = new URLSearchParams({ xsrf: secret, logout: 'yes' });
  await endSession(request, response, () => {});
}

function goOn({ issuer }: AccountContext, request: Request, response: Response): void {
  response.redirect(303, returnTo(issuer, request) ?? '/account');
}

/** Where a page's `return_to` leads, if to a path of ours. */
export function returnTo(issuer: string, { query: { return_to } }: Request): string | null {
  return typeof return_to === 'string' ? localPath(issuer, return_to) : null;
}

function sendPage(
  context: AccountContext,
  request: Request,
  response: Response,
  { status, email, error }: { status: number; email: string; error: string | null },
): void {
  const { pages, issuer } = context;
  const back = returnTo(issuer, request);
  const links = signInLinks(context, back);
  const action = back === null ? '/sign-in' : `/sign-in?${new URLSearchParams({ return_to: back })}`;
  pages.send(response, status, 'sign-in', { action, cancel: null, clientName: null, email, error, links });
}

import type { Request, RequestHandler, Response } from 'express';
import { randomSecret } from '#crypto';
import { organizationsRequiringFactor } from '#store';
import { noteSignIn } from '../accounts/note-sign-in.ts';
import { signInLinks } from '../accounts/sign-in-links.ts';
import { checkPassword } from '../check-password.ts';
import { emailOf } from '../email.ts';
import { requireForm } from '../form.ts';
import type { FormRouter } from '../form-router.ts';
import { allowOwnScripts } from '../headers.ts';
import { messagesOf } from '../language.ts';
import { noteFailure } from '../limits/limit-failures.ts';
import { localPath } from '../local-path.ts';
import { passkeyRequest } from '../second-factor/check-passkey.ts';
import { secondStepRoutes } from '../second-factor/second-step.ts';
import { passwordMatched, type SignInPlace } from '../second-factor/sign-in-place.ts';
import { findSession, findSignedIn, openSession, type SignIn } from '../session.ts';
import type { AccountContext } from './account-area.ts';

/** Sign-in and sign-out outside of any authorization request. `endSession` is oidc-provider's own end of a session. */
export function signInRoutes(endSession: RequestHandler) {
  return (router: FormRouter, context: AccountContext): void => {
    router.get('/sign-in', async (request, response) => {
      if (await findSignedIn(context, request, response)) return goOn(context, request, response);
      await sendPage(context, request, response, { status: 200, email: '', error: null });
    });
    router.post(
      '/sign-in',
      (request, response) => signIn(context, request, response),
      ...context.signInLimits,
    );
    secondStepRoutes(router, context, '/sign-in', async (request, response) =>
      accountPlace(context, request, response),
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
  const place = accountPlace(context, request, response);
  await passwordMatched(context.secondFactors, place, found, response);
}

/** The sign-in to one's own account. */
function accountPlace(context: AccountContext, request: Request, response: Response): SignInPlace {
  return {
    path: '/sign-in',
    query: backQuery(context, request),
    cancel: null,
    clientName: null,
    finish: (signIn) => finish(context, request, response, signIn),
  };
}

async function finish(
  context: AccountContext,
  request: Request,
  response: Response,
  signIn: SignIn,
): Promise<void> {
  await noteSignIn(context, request, response, signIn.userId);
  await openSession(context, request, response, signIn);
  const wanting = signIn.amr.includes('mfa')
    ? []
    : await organizationsRequiringFactor(context.db, signIn.userId);
  if (wanting.length > 0) return response.redirect(303, `/account/two-step${backQuery(context, request)}`);
  goOn(context, request, response);
}

/** The query with which a page of the sign-in keeps where to go on. */
function backQuery({ issuer }: AccountContext, request: Request): string {
  const back = returnTo(issuer, request);
  return back === null ? '' : `?${new URLSearchParams({ return_to: back })}`;
}

/** Ends the session by oidc-provider's own form, which tells the apps that want to hear of it. */
async function signOut(
  context: AccountContext,
  endSession: RequestHandler,
  request: Request,
  response: Response,
): Promise<void> {
  const session = await findSession(context, request, response);
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

async function sendPage(
  context: AccountContext,
  request: Request,
  response: Response,
  { status, email, error }: { status: number; email: string; error: string | null },
): Promise<void> {
  const query = backQuery(context, request);
  const passkey = await passkeyRequest(context.secondFactors, null);
  if (passkey !== null) allowOwnScripts(response);
  context.pages.send(response, status, 'sign-in', {
    action: `/sign-in${query}`,
    cancel: null,
    clientName: null,
    email,
    passkey: passkey === null ? null : { action: `/sign-in/passkey${query}`, options: passkey },
    error,
    links: signInLinks(context, returnTo(context.issuer, request)),
  });
}

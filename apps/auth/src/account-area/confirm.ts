import type { Request, RequestHandler, Response } from 'express';
import { formOf, requireForm } from '../form.ts';
import { allowOwnScripts } from '../headers.ts';
import { messagesOf } from '../language.ts';
import { noteFailure } from '../limits/limit-failures.ts';
import { passkeyRequest } from '../second-factor/check-passkey.ts';
import { openSession, type SignedIn } from '../session.ts';
import { type AccountContext, type AccountRoutes, requireAccount } from './account-area.ts';
import { type ConfirmWay, confirmWays } from './confirm-ways.ts';
import { returnTo } from './sign-in.ts';

/** The page on which a signed-in user confirms who it is before something sensitive: see `requireFreshSignIn`. */
export function confirmRoutes(routes: AccountRoutes, context: AccountContext): void {
  const path = '/account/confirm';
  routes.page(path, (signedIn, request, response) => sendPage(context, signedIn, request, response, null));
  const before = [countAsSignIn(context), ...context.signInLimits];
  routes.action(path, (signedIn, request, response) => confirm(context, signedIn, request, response), {
    before,
  });
}

async function confirm(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
): Promise<void> {
  const form = requireForm(request);
  const ways = await offeredTo(context, signedIn);
  const confirmed = await ways.find(({ name }) => name === form.get('way'))?.check(context, signedIn, form);
  if (!confirmed) {
    noteFailure(response);
    return sendPage(context, signedIn, request, response, messagesOf(response).account.confirm.wrong);
  }
  const { user, amr } = signedIn;
  await openSession(context, request, response, {
    userId: user.id,
    authTime: confirmed.authTime,
    amr: [...new Set([...amr, ...confirmed.amr])],
  });
  response.redirect(303, returnTo(context.issuer, request) ?? '/account');
}

/** Counts a try under the user's own address, as the limits of sign-ins do. */
export function countAsSignIn(context: AccountContext): RequestHandler {
  return async (request, response, next) => {
    const signedIn = await requireAccount(context, request, response);
    if (!signedIn) return;
    formOf(request)?.set('email', signedIn.user.email);
    next();
  };
}

async function offeredTo(context: AccountContext, signedIn: SignedIn): Promise<ConfirmWay[]> {
  const offered = await Promise.all(confirmWays.map((way) => way.isOffered(context, signedIn)));
  return confirmWays.filter((_way, at) => offered[at]);
}

async function sendPage(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
  error: string | null,
): Promise<void> {
  const back = returnTo(context.issuer, request) ?? '/account';
  const ways = (await offeredTo(context, signedIn)).map(({ name }) => name);
  const passkey = await passkeyRequest(context.secondFactors, signedIn.user.id);
  if (passkey !== null) allowOwnScripts(response);
  context.pages.send(response, error === null ? 200 : 422, 'confirm', {
    action: `/account/confirm?${new URLSearchParams({ return_to: back })}`,
    email: signedIn.user.email,
    ways,
    passkey,
    error,
  });
}

import type { Request, Response } from 'express';
import { noteSignIn } from '../accounts/note-sign-in.ts';
import { signInLinks } from '../accounts/sign-in-links.ts';
import { checkPassword } from '../check-password.ts';
import { emailOf } from '../email.ts';
import { requireForm } from '../form.ts';
import { allowOwnScripts } from '../headers.ts';
import { messagesOf } from '../language.ts';
import { noteFailure } from '../limits/limit-failures.ts';
import { passkeyRequest } from '../second-factor/check-passkey.ts';
import { acrOf } from '../second-factor/methods.ts';
import { passwordMatched, type SignInPlace } from '../second-factor/sign-in-place.ts';
import { findSignedIn, forgetSession, type SignIn } from '../session.ts';
import { type InteractionContext, loadPending, nameOf, type Pending } from './interaction.ts';

/** Shows the sign-in page. */
export function showSignIn(context: InteractionContext, pending: Pending, response: Response): Promise<void> {
  const email = pending.params.login_hint ?? '';
  return sendPage(context, pending, response, { status: 200, email, error: null });
}

/**
 * Goes on with the authorization when the user has signed in by another page since it began: after a sign-up, say. False when
 * nobody has.
 */
export async function goOnSignedIn(
  context: InteractionContext,
  { interaction }: Pending,
  request: Request,
  response: Response,
): Promise<boolean> {
  const signedIn = await findSignedIn(context, request, response);
  if (!signedIn || signedIn.authTime <= interaction.iat) return false;
  const { user, authTime, amr } = signedIn;
  await context.keeper.provider.interactionFinished(request, response, {
    login: { accountId: user.id, amr: [...amr], acr: acrOf(amr), ts: authTime },
  });
  return true;
}

/** Checks an e-mail address and a password, and goes on with the sign-in when they match. */
export async function signIn(
  context: InteractionContext,
  request: Request<{ uid: string }>,
  response: Response,
): Promise<void> {
  const pending = await loadPending(context, request, response);
  if (pending.interaction.prompt.name !== 'login') return response.redirect(303, pending.action);

  const form = requireForm(request);
  const found = await checkPassword(context.db, form);
  if (!found) {
    noteFailure(response);
    const email = emailOf(form);
    const error = messagesOf(response).signIn.wrong;
    return sendPage(context, pending, response, { status: 422, email, error });
  }
  const place = placeAt(context, pending, request, response);
  await passwordMatched(context.secondFactors, place, found, response);
}

/** The sign-in of an authorization request; null when that has gone on to its next page. */
export async function interactionPlace(
  context: InteractionContext,
  request: Request<{ uid: string }>,
  response: Response,
): Promise<SignInPlace | null> {
  const pending = await loadPending(context, request, response);
  if (pending.interaction.prompt.name === 'login') return placeAt(context, pending, request, response);
  response.redirect(303, pending.action);
  return null;
}

function placeAt(
  context: InteractionContext,
  pending: Pending,
  request: Request<{ uid: string }>,
  response: Response,
): SignInPlace {
  return {
    path: pending.action,
    query: '',
    cancel: `${pending.action}/cancel`,
    clientName: nameOf(pending.client),
    finish: (signIn) => finish(context, pending, request, response, signIn),
  };
}

/** Goes on with the authorization. */
async function finish(
  context: InteractionContext,
  { interaction }: Pending,
  request: Request,
  response: Response,
  { userId, authTime, amr }: SignIn,
): Promise<void> {
  const { provider } = context.keeper;
  if (interaction.session && interaction.session.accountId !== userId) {
    // Someone else was signed in here: nothing of that session passes on.
    await forgetSession(context, request, response);
    delete interaction.session;
    await interaction.persist();
  }
  await noteSignIn(context, request, response, userId);
  await provider.interactionFinished(request, response, {
    login: { accountId: userId, amr: [...amr], acr: acrOf(amr), ts: authTime },
  });
}

async function sendPage(
  context: InteractionContext,
  { action, client }: Pending,
  response: Response,
  { status, email, error }: { status: number; email: string; error: string | null },
): Promise<void> {
  const passkey = await passkeyRequest(context.secondFactors, null);
  if (passkey !== null) allowOwnScripts(response);
  context.pages.send(response, status, 'sign-in', {
    action: `${action}/sign-in`,
    cancel: `${action}/cancel`,
    clientName: nameOf(client),
    email,
    passkey: passkey === null ? null : { action: `${action}/passkey`, options: passkey },
    error,
    links: signInLinks(context, action),
  });
}

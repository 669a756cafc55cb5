import type { Request, Response } from 'express';
import { noteSignIn } from '../accounts/note-sign-in.ts';
import { signInLinks } from '../accounts/sign-in-links.ts';
import { checkPassword } from '../check-password.ts';
import { emailOf } from '../email.ts';
import { requireForm } from '../form.ts';
import { messagesOf } from '../language.ts';
import { noteFailure } from '../limits/limit-failures.ts';
import { findSignedIn, forgetSession } from '../session.ts';
import { type InteractionContext, loadPending, nameOf, type Pending } from './interaction.ts';

/** Shows the sign-in page. */
export function showSignIn(context: InteractionContext, pending: Pending, response: Response): void {
  sendPage(context, pending, response, { status: 200, email: pending.params.login_hint ?? '', error: null });
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
    login: { accountId: user.id, amr: [...amr], ts: authTime },
  });
  return true;
}

/** Checks an e-mail address and a password, and goes on with the authorization when they match. */
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

  const { user, authTime } = found;
  const { interaction } = pending;
  if (interaction.session && interaction.session.accountId !== user.id) {
    // Someone else was signed in here: nothing of that session passes on.
    await forgetSession(context.keeper.provider, request, response);
    delete interaction.session;
    await interaction.persist();
  }
  await noteSignIn(context, request, response, user);
  await context.keeper.provider.interactionFinished(request, response, {
    login: { accountId: user.id, amr: ['pwd'], ts: authTime },
  });
}

function sendPage(
  context: InteractionContext,
  { action, client }: Pending,
  response: Response,
  { status, email, error }: { status: number; email: string; error: string | null },
): void {
  context.pages.send(response, status, 'sign-in', {
    action: `${action}/sign-in`,
    cancel: `${action}/cancel`,
    clientName: nameOf(client),
    email,
    error,
    links: signInLinks(context, action),
  });
}

import type { Request, RequestHandler, Response, Router } from 'express';
import { formOf } from '../form.ts';
import { formRouter } from '../form-router.ts';
import { secondStepRoutes } from '../second-factor/second-step.ts';
import { forgetSession } from '../session.ts';
import { askForApp } from './app-approval.ts';
import { decide, showConsent } from './consent.ts';
import { type InteractionContext, loadPending } from './interaction.ts';
import { goOnSignedIn, interactionPlace, showSignIn, signIn } from './sign-in.ts';

type Uid = { uid: string };

/**
 * The pages between an authorization request and its answer: sign-in and consent. They stand below the path of the
 * interaction, since its cookie is sent nowhere else.
 */
export function interactionRoutes(
  context: InteractionContext,
  { refuseCrossSite, signInLimits }: { refuseCrossSite: RequestHandler; signInLimits: RequestHandler[] },
): Router {
  const router = formRouter(refuseCrossSite);
  const page = '/interaction/:uid';
  router.get<Uid>(page, (request, response) => show(context, request, response));
  router.post<Uid>(
    `${page}/sign-in`,
    (request, response) => signIn(context, request, response),
    ...signInLimits,
  );
  secondStepRoutes<Uid>(router, context, page, (request, response) =>
    interactionPlace(context, request, response),
  );
  router.post<Uid>(`${page}/consent`, (request, response) => decide(context, request, response));
  router.post<Uid>(`${page}/ask`, (request, response) => askForApp(context, request, response));
  router.post<Uid>(`${page}/cancel`, (request, response) => cancel(context, request, response));
  router.post<Uid>(`${page}/switch-account`, (request, response) =>
    switchAccount(context, request, response),
  );
  return router.done();
}

async function show(
  context: InteractionContext,
  request: Request<{ uid: string }>,
  response: Response,
): Promise<void> {
  const pending = await loadPending(context, request, response);
  if (pending.interaction.prompt.name === 'login') {
    if (await goOnSignedIn(context, pending, request, response)) return;
    return showSignIn(context, pending, response);
  }
  await showConsent(context, pending, request, response);
}

/** The user says no: the client hears `access_denied`. */
async function cancel(
  context: InteractionContext,
  request: Request<{ uid: string }>,
  response: Response,
): Promise<void> {
  await loadPending(context, request, response);
  const byOrganization = formOf(request)?.get('reason') === 'organization';
  const denial = {
    error: 'access_denied',
    error_description: byOrganization
      ? 'the organization has not allowed the app'
      : 'the user refused the request',
  };
  await context.keeper.provider.interactionFinished(request, response, denial, {
    mergeWithLastSubmission: false,
  });
}

/** Signs the browser out and starts the same authorization request again, or the typing of a device's code. */
async function switchAccount(
  context: InteractionContext,
  request: Request<{ uid: string }>,
  response: Response,
): Promise<void> {
  const { interaction } = await loadPending(context, request, response);
  const again = new URLSearchParams();
  for (const [name, value] of Object.entries(interaction.params)) {
    for (const one of Array.isArray(value) ? value : [value]) again.append(name, String(one));
  }
  await forgetSession(context, request, response);
  await interaction.destroy();
  if (interaction.deviceCode === undefined) return response.redirect(303, `/oauth/authorize?${again}`);
  const code = await context.keeper.provider.DeviceCode.find(interaction.deviceCode);
  if (code) {
    code.inFlight = false;
    await code.save();
  }
  response.redirect(303, '/oauth/device');
}

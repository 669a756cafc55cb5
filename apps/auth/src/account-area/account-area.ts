import type { Request, RequestHandler, Response, Router } from 'express';
import type { Product } from '#catalog';
import type { SendAccountMail } from '#store';
import { type FormRouter, formRouter } from '../form-router.ts';
import { readerOf } from '../language.ts';
import type { Messages } from '../messages/en.ts';
import type { Pages } from '../pages.ts';
import type { SecondStepContext } from '../second-factor/second-step.ts';
import { findSignedIn, type SessionContext, type SignedIn } from '../session.ts';
import { requireFreshSignIn } from './fresh-sign-in.ts';

/** What the routes of the account area work with. */
export interface AccountContext extends SessionContext, SecondStepContext {
  product: Product;
  pages: Pages;
  /** Slow down who guesses passwords; shared with the sign-in of authorization requests. */
  signInLimits: readonly RequestHandler[];
  areas: readonly AccountArea[];
  sendMail: SendAccountMail;
  /** Limit the forms that send mails. */
  mailLimits: readonly RequestHandler[];
  /** Whether anybody may make an account, and organizations of one's own. */
  signUp: boolean;
}

/** One entry of the account's navigation, with the routes below it. */
export interface AccountArea {
  path: string;
  /** Its name in the navigation, and a sentence about it on the account's home. */
  words(messages: Messages): { name: string; about: string };
  routes(routes: AccountRoutes, context: AccountContext): void;
}

type Handle = (signedIn: SignedIn, request: Request, response: Response) => void | Promise<void>;

/** Routes for a signed-in user; others are sent to the sign-in and come back. */
export interface AccountRoutes {
  /** A page. With `fresh` the user must have signed in within the last ten minutes, or confirms who it is. */
  page(path: string, handle: Handle, options?: { fresh?: boolean }): void;
  /**
   * A form's route. `page` is where its form stands, when that is not its own path: there the user comes back to after a sign-in.
   * Answer with a redirect (303) to a page; `?done=<key of messages.account.done>` says there what was done.
   */
  action(
    path: string,
    handle: Handle,
    options?: {
      page?: string | ((request: Request) => string);
      fresh?: boolean;
      before?: readonly RequestHandler[];
    },
  ): void;
}

/** The account area: its sign-in and the areas, each of which adds its own routes. */
export function accountArea(
  context: AccountContext,
  refuseCrossSite: RequestHandler,
  ...others: ((router: FormRouter, context: AccountContext) => void)[]
): Router {
  const router = formRouter(refuseCrossSite);
  const handler = (handle: Handle, fresh: boolean) => async (request: Request, response: Response) => {
    const signedIn = await requireAccount(context, request, response);
    if (!signedIn || (fresh && !requireFreshSignIn(signedIn, response))) return;
    await handle(signedIn, request, response);
  };
  const routes: AccountRoutes = {
    page: (path, handle, { fresh = false } = {}) => router.get(path, handler(handle, fresh)),
    action(path, handle, { page, fresh = false, before = [] } = {}) {
      const onItsPage: RequestHandler = (request, response, next) => {
        if (page !== undefined) readerOf(response).page = typeof page === 'string' ? page : page(request);
        next();
      };
      router.post(path, handler(handle, fresh), onItsPage, ...before);
    },
  };
  for (const add of others) add(router, context);
  for (const area of context.areas) area.routes(routes, context);
  return router.done();
}

/** The signed-in user; null when there is none and the browser was sent to the sign-in, to come back to this page. */
export async function requireAccount(
  context: SessionContext,
  request: Request,
  response: Response,
): Promise<SignedIn | null> {
  const signedIn = await findSignedIn(context, request, response);
  if (signedIn) readerOf(response).signedInAs = signedIn.user.email;
  else {
    const back = new URLSearchParams({ return_to: readerOf(response).page });
    response.redirect(303, `/sign-in?${back}`);
  }
  return signedIn;
}

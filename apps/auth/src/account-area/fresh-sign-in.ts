import type { Response } from 'express';
import { readerOf } from '../language.ts';
import type { SignedIn } from '../session.ts';

/** For how long a sign-in counts as fresh. */
export const freshSeconds = 10 * 60;

/**
 * Whether the user has signed in within the last ten minutes; else the browser was sent to confirm who it is, and comes back to
 * this page. For what must not be done by whoever finds a browser signed in.
 */
export function requireFreshSignIn({ authTime }: SignedIn, response: Response): boolean {
  if (Date.now() / 1000 - authTime <= freshSeconds) return true;
  const back = new URLSearchParams({ return_to: readerOf(response).page });
  response.redirect(303, `/account/confirm?${back}`);
  return false;
}

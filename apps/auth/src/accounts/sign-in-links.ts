import type { SignInLinks } from '../pages.ts';
import { pathWith } from './link.ts';

/** What stands below a sign-in: where to get a new password and an account, and to come back to `returnTo` from there. */
export function signInLinks({ signUp }: { signUp: boolean }, returnTo: string | null): SignInLinks {
  const query = { return_to: returnTo };
  return { reset: pathWith('/reset', query), signUp: signUp ? pathWith('/sign-up', query) : null };
}

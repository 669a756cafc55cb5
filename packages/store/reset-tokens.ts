import { createAccountToken } from './account-tokens.ts';
import type { Queryable } from './database.ts';

/** A token for the path of a link on which the user chooses a new password; `back` is where to go on then. */
export function createResetToken(
  tx: Queryable,
  {
    userId,
    email,
    back = null,
    minutes,
  }: { userId: string | null; email: string; back?: string | null; minutes: number },
): Promise<string> {
  return createAccountToken(tx, {
    purpose: 'reset_password',
    userId,
    email,
    data: { returnTo: back },
    expiresInSeconds: minutes * 60,
  });
}

/** The path of such a link, at the authorization server. */
export function resetPath(token: string): string {
  return `/reset/choose?${new URLSearchParams({ token })}`;
}

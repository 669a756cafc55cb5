import { createAccountToken } from './account-tokens.ts';
import type { Queryable } from './database.ts';

/** For how many days an account can be taken back by the link of a mail. */
export const takeBackDays = 7;

/**
 * A token for the path of a link by which the owner of the present address takes the account back, as it was before the
 * transaction that makes the token: for the mail about a change that somebody else may have made.
 */
export function createTakeBackToken(
  tx: Queryable,
  { id, email }: { id: string; email: string },
): Promise<string> {
  return createAccountToken(tx, {
    purpose: 'take_back',
    userId: id,
    email,
    expiresInSeconds: takeBackDays * 86_400,
  });
}

/** The path of such a link, at the authorization server. */
export function takeBackPath(token: string): string {
  return `/take-back?${new URLSearchParams({ token })}`;
}

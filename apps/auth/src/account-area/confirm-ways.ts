import { checkPassword } from '../check-password.ts';
import type { SignedIn } from '../session.ts';
import type { AccountContext } from './account-area.ts';

/** A way to confirm that it is still oneself. Its form is the view `confirm/<name>.eta`. */
export interface ConfirmWay {
  name: 'password';
  isOffered(context: AccountContext, signedIn: SignedIn): boolean | Promise<boolean>;
  /** When a right form counts from, and its methods by RFC 8176; null for a wrong one. */
  check(
    context: AccountContext,
    signedIn: SignedIn,
    form: URLSearchParams,
  ): Promise<{ authTime: number; amr: readonly string[] } | null>;
}

const password: ConfirmWay = {
  name: 'password',
  isOffered: (_context, { user }) => user.passwordHash !== null,
  async check({ db }, { user }, form) {
    const found = await checkPassword(db, form);
    return found?.user.id === user.id ? { authTime: found.authTime, amr: ['pwd'] } : null;
  },
};

/** The first that is offered comes first on the page. */
export const confirmWays: readonly ConfirmWay[] = [password];

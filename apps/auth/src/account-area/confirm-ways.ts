import { findTotpFactor } from '#store';
import { checkPassword } from '../check-password.ts';
import { checkPasskey, passkeyRequest } from '../second-factor/check-passkey.ts';
import { checkTotp } from '../second-factor/totp.ts';
import type { SignedIn } from '../session.ts';
import type { AccountContext } from './account-area.ts';

/** A way to confirm that it is still oneself. Its form is the view `confirm/<name>.eta`. */
export interface ConfirmWay {
  name: 'passkey' | 'totp' | 'password';
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

const totp: ConfirmWay = {
  name: 'totp',
  isOffered: async ({ db }, { user }) => (await findTotpFactor(db, user.id)) !== null,
  async check({ secondFactors }, { user }, form) {
    const authTime = now(user);
    return (await checkTotp(secondFactors, user.id, form.get('code') ?? ''))
      ? { authTime, amr: ['otp'] }
      : null;
  },
};

const passkey: ConfirmWay = {
  name: 'passkey',
  isOffered: async ({ secondFactors }, { user }) => (await passkeyRequest(secondFactors, user.id)) !== null,
  async check({ secondFactors }, { user }, form) {
    const authTime = now(user);
    const used = await checkPasskey(secondFactors, user.id, form.get('credential') ?? '');
    return used && { authTime, amr: [used.method] };
  },
};

function now({ sessionsFrom }: SignedIn['user']): number {
  return Math.max(Math.floor(Date.now() / 1000), sessionsFrom);
}

/** The first that is offered comes first on the page. */
export const confirmWays: readonly ConfirmWay[] = [passkey, totp, password];

import type { FindAccount, KoaContextWithOIDC } from 'oidc-provider';
import type { Product } from '#catalog';
import { type Database, findUser, type User } from '#store';
import type { SessionUses } from './accounts/session-uses.ts';
import { isEnough, type Methods } from './second-factor/methods.ts';
import { currentTokenRequest, findStanding } from './token-request.ts';

/** How long a sign-in lasts, however much its session is used (NIST SP 800-63B, AAL1). */
const signInSeconds = 30 * 24 * 3600;

/**
 * The person that a session, a code or a token is about, with the claims that the scopes `profile` and `email`
 * show. Undefined, which oidc-provider takes for nobody, when the user is gone; when the session's sign-in is too old, or
 * ended with a change of the password, or lacks the second factor that the user has; or when what stands behind the code or token is gone: its grant, the consent, the
 * client or the membership.
 */
export function findAccount(facts: {
  db: Database;
  product: Product;
  sessionUses: SessionUses;
}): FindAccount {
  return async (ctx, userId, token) => {
    const read = currentTokenRequest()?.found.user;
    const user = read?.id === userId ? read : await findUserOfSession(facts, ctx, userId);
    if (!user) return undefined;
    const grantId = token && 'grantId' in token ? token.grantId : undefined;
    const standing = grantId === undefined ? null : await findStanding(facts, grantId);
    if (grantId !== undefined && !standing) return undefined;
    // A scope that the user has taken back shows nothing any more.
    const shows = (scope: string) => standing === null || standing.consentedScopes.includes(scope);
    return {
      accountId: user.id,
      claims: () => ({
        sub: user.id,
        ...(shows('profile') && { name: user.name }),
        ...(shows('email') && { email: user.email }),
      }),
    };
  };
}

/**
 * Sign-ins before that (seconds since 1970) are none any more: they are too old, or ended with a change of the password, or the
 * user is disabled.
 */
export function oldestSignIn({ sessionsFrom, isDisabled }: User): number {
  if (isDisabled) return Number.POSITIVE_INFINITY;
  return Math.max(sessionsFrom, Math.floor(Date.now() / 1000) - signInSeconds);
}

/** Whether a sign-in still counts: it is not too old, did not end with a change of the password, and has enough factors. */
export function stillCounts(user: User, { authTime, amr }: { authTime: number; amr: Methods }): boolean {
  return authTime >= oldestSignIn(user) && isEnough(user, amr);
}

async function findUserOfSession(
  { db, sessionUses }: { db: Database; sessionUses: SessionUses },
  ctx: KoaContextWithOIDC,
  userId: string,
): Promise<User | null> {
  const user = await findUser(db.pipeline, userId);
  const { session } = ctx.oidc;
  if (!user || !session) return user;
  const { loginTs: authTime = 0, amr = [] } = session;
  if (!stillCounts(user, { authTime, amr })) return null;
  // Its address is the client's own: `forProvider` has looked at the proxies.
  const ipAddress = ctx.get('x-forwarded-for');
  sessionUses.note(session.uid, { userAgent: ctx.get('user-agent'), ipAddress });
  return user;
}

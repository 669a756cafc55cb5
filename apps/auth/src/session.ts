import type { Request, Response } from 'express';
import { clientAddress } from '#http';
import { type Database, findUser, holdUser, type Queryable, type User } from '#store';
import { stillCounts } from './account.ts';
import type { SessionUses } from './accounts/session-uses.ts';
import { headersForProvider } from './for-provider.ts';
import type { ProviderKeeper } from './keep-provider.ts';
import { acrOf } from './second-factor/methods.ts';

export const sessionCookie = { httpOnly: true, sameSite: 'lax', signed: true } as const;
export const sessionSeconds = 14 * 86_400;

/** What the functions of sessions work with. */
export interface SessionContext {
  db: Database;
  keeper: ProviderKeeper;
  issuer: string;
  sessionUses: SessionUses;
}

/** Where sessions are, for what asks nothing else. */
export type SessionPlace = Pick<SessionContext, 'keeper' | 'issuer'>;

/** How and when somebody has signed in. */
export interface SignIn {
  userId: string;
  /** Seconds since 1970. */
  authTime: number;
  /** The methods used, by RFC 8176: `pwd`, `otp`, `hwk` … */
  amr: readonly string[];
}

/** Who is signed in with this browser, and how. */
export interface SignedIn {
  user: User;
  /** Names the session, and is no secret. */
  sessionUid: string;
  authTime: number;
  amr: readonly string[];
}

/**
 * The signed-in user of a browser's session; null when there is none, it is too old, a changed password has ended it, or it lacks
 * the second factor that the user has by now.
 */
export async function findSignedIn(
  context: SessionContext,
  request: Request,
  response: Response,
): Promise<SignedIn | null> {
  const session = await findSession(context, request, response);
  const { accountId, loginTs: authTime = 0, uid: sessionUid, amr = [] } = session;
  const user = accountId === undefined ? null : await findUser(context.db.pipeline, accountId);
  if (!user || !stillCounts(user, { authTime, amr })) return null;
  const ipAddress = clientAddress(request);
  context.sessionUses.note(sessionUid, { userAgent: request.headers['user-agent'], ipAddress });
  return { user, sessionUid, authTime, amr };
}

/**
 * Whether somebody is still signed in. No change of the password or the factors commits before the transaction ends, so what is
 * written in it is written by who has signed in.
 */
export async function isStillSignedIn(tx: Queryable, signedIn: SignedIn): Promise<boolean> {
  const user = await holdUser(tx, signedIn.user.id);
  return user !== null && stillCounts(user, signedIn);
}

/**
 * Signs a browser in: the session that oidc-provider knows, too, and so the same as after the sign-in of an authorization
 * request. It gets a new id, so that no cookie from before is one; nothing of another user's session passes on.
 */
export async function openSession(
  context: SessionPlace,
  request: Request,
  response: Response,
  { userId, authTime, amr }: SignIn,
): Promise<void> {
  const { provider } = context.keeper;
  const ctx = contextOf(context, request, response);
  let session = await provider.Session.get(ctx);
  if (session.accountId !== undefined && session.accountId !== userId) {
    await session.destroy();
    session = new provider.Session();
  } else {
    session.resetIdentifier();
  }
  session.loginAccount({ accountId: userId, loginTs: authTime, amr: [...amr], acr: acrOf(amr) });
  await session.save(sessionSeconds);
  ctx.cookies.set(provider.cookieName('session'), session.jti, {
    ...sessionCookie,
    overwrite: true,
    expires: new Date(Date.now() + sessionSeconds * 1000),
  });
}

/** Ends the session of a browser: its cookie then names nothing, and the next page is a sign-in. */
export async function forgetSession(
  context: SessionPlace,
  request: Request,
  response: Response,
): Promise<void> {
  const session = await findSession(context, request, response);
  await session.destroy();
}

/** Whether the browser's cookie names a session that we know. */
export async function hasSession(
  context: SessionPlace,
  request: Request,
  response: Response,
): Promise<boolean> {
  return !('new' in (await findSession(context, request, response)));
}

/** The session that a browser's cookie names, as oidc-provider has it; a new one when it names none. */
export function findSession(context: SessionPlace, request: Request, response: Response) {
  return context.keeper.provider.Session.get(contextOf(context, request, response));
}

// Cookies are `Secure` when the issuer's URL is, whatever proxy stands in between.
function contextOf({ keeper, issuer }: SessionPlace, request: Request, response: Response) {
  return keeper.provider.createContext(headersForProvider(request, new URL(issuer)), response);
}

import type { IncomingMessage } from 'node:http';
import type { Response } from 'express';
import { z } from 'zod';
import { cookieAttributes, cookieName, readCookie } from '../cookies.ts';
import type { SecondFactors } from './second-factors.ts';

const halfSeconds = 10 * 60;

const half = z.object({ userId: z.string(), authTime: z.int(), expiresAt: z.int() });

/** Whose password was right, in a sign-in that wants a second factor yet. It stands for nothing but that. */
export type HalfSignedIn = Pick<z.infer<typeof half>, 'userId' | 'authTime'>;

/** Remembers in the browser whose password was right: sealed, for the sign-in at `path` alone, and for ten minutes. */
export function rememberHalf(
  { box, issuer }: SecondFactors,
  response: Response,
  path: string,
  { userId, authTime }: HalfSignedIn,
): void {
  const expiresAt = Date.now() + halfSeconds * 1000;
  const value = box.seal(JSON.stringify({ userId, authTime, expiresAt }), purposeOf(path));
  response.cookie(nameOf(issuer), value.toString('base64url'), {
    ...cookieAttributes(issuer),
    path,
    maxAge: halfSeconds * 1000,
  });
}

/** Whose password was right in the sign-in at `path`; null when that is unknown, or too long ago. */
export function halfSignedIn(
  { box, issuer }: SecondFactors,
  request: IncomingMessage,
  path: string,
): HalfSignedIn | null {
  const value = readCookie(request, nameOf(issuer));
  if (value === undefined) return null;
  try {
    const text = box.open(Buffer.from(value, 'base64url'), purposeOf(path));
    const { expiresAt, ...found } = half.parse(JSON.parse(text));
    return expiresAt > Date.now() ? found : null;
  } catch {
    return null;
  }
}

export function forgetHalf({ issuer }: SecondFactors, response: Response, path: string): void {
  response.clearCookie(nameOf(issuer), { ...cookieAttributes(issuer), path });
}

function nameOf(issuer: string): string {
  return cookieName(issuer, 'keystile_first_factor', '__Secure-');
}

function purposeOf(path: string): string {
  return `first factor at ${path}`;
}

import type { Request, Response } from 'express';
import { messagesOf } from '../language.ts';
import type { SignedIn } from '../session.ts';
import type { AccountContext } from './account-area.ts';

/** What stands around each page of the account area. A view of it begins with `layout('./account-layout', …)`. */
export interface AccountFrame {
  account: {
    email: string;
    areas: readonly { path: string; name: string; about: string; current: boolean }[];
    /** What was just done: see `done` in `messages/<language>/account.ts`. */
    notice: string | null;
  };
}

/** The frame of a page, to be part of its data. */
export function accountFrame(
  { areas }: AccountContext,
  { user }: SignedIn,
  request: Request,
  response: Response,
): AccountFrame {
  const messages = messagesOf(response);
  const notices: Readonly<Record<string, string>> = messages.account.done;
  const { done } = request.query;
  const current = areas
    .filter(({ path }) => request.path === path || request.path.startsWith(`${path}/`))
    .reduce((longest, { path }) => (path.length > longest.length ? path : longest), '');
  return {
    account: {
      email: user.email,
      areas: areas.map(({ path, words }) => ({ path, ...words(messages), current: path === current })),
      notice: typeof done === 'string' && Object.hasOwn(notices, done) ? (notices[done] ?? null) : null,
    },
  };
}

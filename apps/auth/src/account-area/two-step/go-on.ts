import type { Request, Response } from 'express';
import { recordOwnChange } from '../../audit.ts';
import { readerOf } from '../../language.ts';
import type { Messages } from '../../messages/en.ts';
import type { ChangingOwner } from '../../second-factor/second-factors.ts';
import { openSession, type SignedIn } from '../../session.ts';
import type { AccountContext } from '../account-area.ts';
import { accountFrame } from '../account-frame.ts';
import { returnTo } from '../sign-in.ts';

export const twoStepPath = '/account/two-step';

/** Whose factors change, written to in the language of the page. */
export function ownerOf(
  { user: { id, email } }: SignedIn,
  request: Request,
  response: Response,
): ChangingOwner {
  return {
    id,
    email,
    language: readerOf(response).language,
    record: (tx, change) => recordOwnChange(tx, request, response, id, change),
  };
}

/** The query with which the pages of setting up keep where to go on, such as to an app's sign-in that wanted a factor. */
export function keptQuery({ issuer }: AccountContext, request: Request): string {
  const back = returnTo(issuer, request);
  return back === null ? '' : `?${new URLSearchParams({ return_to: back })}`;
}

/**
 * After a factor was added: this browser's session has used it, so it goes on; others of the user's, which haven't, don't. Shows
 * the recovery codes if there are new ones.
 */
export async function goOnWithFactor(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
  added: { method: string; recoveryCodes: readonly string[]; done: keyof Messages['account']['done'] },
): Promise<void> {
  const { user, authTime, amr } = signedIn;
  const methods = [...new Set([...amr, added.method, 'mfa'])];
  await openSession(context, request, response, { userId: user.id, authTime, amr: methods });
  if (added.recoveryCodes.length > 0) {
    return sendCodes(context, signedIn, request, response, { codes: added.recoveryCodes, isNew: true });
  }
  response.redirect(303, returnTo(context.issuer, request) ?? `${twoStepPath}?done=${added.done}`);
}

/** Shows recovery codes, this once. */
export function sendCodes(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
  { codes, isNew }: { codes: readonly string[]; isNew: boolean },
): void {
  context.pages.send(response, 200, 'recovery-codes', {
    ...accountFrame(context, signedIn, request, response),
    codes,
    download: `data:text/plain,${encodeURIComponent(`${codes.join('\n')}\n`)}`,
    goOn: returnTo(context.issuer, request) ?? twoStepPath,
    isNew,
  });
}

import type { Request, Response } from 'express';
import { clientAddress } from '#http';
import {
  type Database,
  findUser,
  noteFirstSignIn,
  type Queryable,
  type SendAccountMail,
  setUserLanguage,
  type User,
} from '#store';
import { readerOf } from '../language.ts';
import type { NoticeLimits } from '../limits/limit-notices.ts';
import { browserWords } from './browser-words.ts';
import type { KnownDevices } from './known-devices.ts';

interface NoteContext {
  db: Database;
  devices: KnownDevices;
  sendMail: SendAccountMail;
  notices: NoticeLimits;
}

/**
 * What a sign-in leaves beside its session: the browser is known for this account, and the language that the person reads. It
 * is called when the sign-in is complete, and before that is answered. On a browser that is new to an account which was signed
 * in to before, the owner is told by mail.
 */
export async function noteSignIn(
  context: NoteContext,
  request: Request,
  response: Response,
  userId: string,
): Promise<void> {
  const { db, devices, notices } = context;
  const user = await findUser(db, userId);
  if (!user) return;
  const isKnown = devices.nameOf(request, user.email) !== null;
  await db.transaction(async (tx) => {
    const isFirst = await noteFirstSignIn(tx, user.id);
    // Before the language is another one: it may be a stranger's.
    if (!isFirst && !isKnown && (await notices.newSignIn(user.id)))
      await tellOwner(context, tx, request, response, user);
    await noteLanguage(tx, response, user);
  });
  devices.remember(request, response, user.email);
}

/** Knows the browser of somebody who has shown in another way whose account this is, and the language that the person reads. */
export async function noteDevice(
  { db, devices }: Pick<NoteContext, 'db' | 'devices'>,
  request: Request,
  response: Response,
  userId: string,
): Promise<void> {
  const user = await findUser(db, userId);
  if (!user) return;
  devices.remember(request, response, user.email);
  await noteLanguage(db, response, user);
}

function tellOwner(
  { sendMail }: NoteContext,
  tx: Queryable,
  request: Request,
  response: Response,
  user: User,
): Promise<void> {
  const { browser, system } = browserWords(request.headers['user-agent'] ?? '');
  const data = { at: new Date().toISOString(), ipAddress: clientAddress(request), browser, system };
  return sendMail(tx, {
    to: user.email,
    language: readerOf(response).language,
    about: { kind: 'new_sign_in', data },
    path: '/account/sessions',
  });
}

async function noteLanguage(db: Queryable, response: Response, user: User): Promise<void> {
  const { language } = readerOf(response);
  if (language !== user.language) await setUserLanguage(db, user.id, language);
}

import type { Request, Response } from 'express';
import { type Database, findUser, setUserLanguage } from '#store';
import { readerOf } from '../language.ts';
import type { KnownDevices } from './known-devices.ts';

/** What a sign-in leaves beside its session: the browser is known for this account, and the language that the person reads. */
export async function noteSignIn(
  { db, devices }: { db: Database; devices: KnownDevices },
  request: Request,
  response: Response,
  userId: string,
): Promise<void> {
  const user = await findUser(db, userId);
  if (!user) return;
  devices.remember(request, response, user.email);
  const { language } = readerOf(response);
  if (language !== user.language) await setUserLanguage(db, user.id, language);
}

import type { Response } from 'express';
import type { AccountMail } from '#catalog';
import { findUserByEmail, type Queryable, type User } from '#store';
import type { AccountContext } from '../account-area/account-area.ts';
import { readerOf } from '../language.ts';
import { mayMail } from '../limits/limit-mails.ts';
import { takeEvenTime } from './take-even-time.ts';

/**
 * Answers a form that asks for a link to an e-mail address: by a mail to who has it, and by a page that is the same whether there is
 * an account or not. `mailFor` writes for both, and runs the same statements, so that time doesn't tell either. `action` is where
 * the form goes.
 */
export async function answerByMail(
  { db, pages, sendMail }: AccountContext,
  response: Response,
  {
    email,
    action,
    mailFor,
  }: {
    email: string;
    action: string;
    mailFor: (tx: Queryable, user: User | null) => Promise<{ about: AccountMail; path: string | null }>;
  },
): Promise<void> {
  await takeEvenTime(async () => {
    if (!mayMail(response)) return;
    await db.transaction(async (tx) => {
      const user = await findUserByEmail(tx, email);
      const mail = await mailFor(tx, user);
      await sendMail(tx, { to: user?.email ?? email, language: readerOf(response).language, ...mail });
    });
  });
  pages.send(response, 200, 'mail-sent', { action, email, back: action });
}

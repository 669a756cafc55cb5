import type { Request, Response } from 'express';
import type { Language } from '#catalog';
import { findUserByEmail, type Queryable, type User } from '#store';
import type { AccountContext } from '../account-area/account-area.ts';
import { returnTo } from '../account-area/sign-in.ts';
import { emailOf } from '../email.ts';
import { requireForm } from '../form.ts';
import { messagesOf, readerOf } from '../language.ts';
import { mayMail } from '../limits/limit-mails.ts';
import { isEmail } from './email-field.ts';
import { pathWith } from './link.ts';

/** What begins with an address, and goes on by a link that is mailed there. */
export interface MailedStart {
  path: string;
  /** Shows the form again, and what is wrong. */
  sendForm(shown: { email: string; error: string }): void;
  /** Mails the link, or why there is none. Either way it takes the same statements. */
  mail(
    tx: Queryable,
    to: { email: string; user: User | null; language: Language; back: string | null },
  ): Promise<void>;
}

/** Takes the address from a form, and mails there. The answer is the same whether it has an account or not. */
export async function startByMail(
  { db, pages, issuer }: AccountContext,
  request: Request,
  response: Response,
  { path, sendForm, mail }: MailedStart,
): Promise<void> {
  const email = emailOf(requireForm(request));
  if (!isEmail(email)) return sendForm({ email, error: messagesOf(response).signUp.badEmail });
  const back = returnTo(issuer, request);
  if (mayMail(response)) {
    await db.transaction(async (tx) => {
      const user = await findUserByEmail(tx, email);
      await mail(tx, { email, user, language: user?.language ?? readerOf(response).language, back });
    });
  }
  const action = pathWith(path, { return_to: back });
  pages.send(response, 200, 'mail-sent', { action, email, back: action });
}

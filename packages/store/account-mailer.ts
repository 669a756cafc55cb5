import type { AccountMail, Language } from '#catalog';
import { openBox } from '#crypto';
import type { Queryable } from './database.ts';
import { enqueueAccountMail } from './enqueue-mail.ts';

/**
 * Queues mails to people about their own account. A link is built from the configured URL of the authorization server, never
 * from a request, and stands sealed in the queue.
 *
 *     const sendMail = accountMailer({ issuer, encryptionKey });
 *     await sendMail(tx, { to, language, about: { kind: 'verify_email', data: { hours: 24 } }, path: `/verify?token=${token}` });
 */
export function accountMailer({ issuer, encryptionKey }: { issuer: string; encryptionKey: string }) {
  const box = openBox(encryptionKey);
  return (
    tx: Queryable,
    {
      to,
      language,
      about,
      path,
    }: { to: string; language: Language; about: AccountMail; path: string | null },
  ): Promise<void> => {
    const link = path === null ? null : issuer + path;
    return enqueueAccountMail(tx, box, { to, language, about, link });
  };
}

export type SendAccountMail = ReturnType<typeof accountMailer>;

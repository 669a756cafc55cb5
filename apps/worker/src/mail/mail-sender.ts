import type { SendMailOptions } from 'nodemailer';
import { z } from 'zod';

export interface Message {
  /** The same at each try: its receiver can tell a second copy by the `Message-ID` that is made of it. */
  id: string;
  to: string;
  subject: string;
  text: string;
  /** The same as HTML, if there is one. */
  html?: string;
}

export interface Sender {
  name: string;
  address: string;
}

/** Hands messages over. */
export interface MailSender {
  /** Resolves when the message is in other hands. Throws {@link MailRefused} when trying again is no use. */
  send(message: Message): Promise<void>;
}

/** The mail server wants no such message, or has no such recipient, for good. */
export class MailRefused extends Error {
  readonly responseCode: number | null;

  constructor(responseCode: number | null, options?: ErrorOptions) {
    super(`the mail server has refused a message (${responseCode ?? 'no such address'})`, options);
    this.responseCode = responseCode;
  }
}

const failure = z.object({
  name: z.string().optional(),
  code: z.string().optional(),
  /** SMTP's command that failed, and the server's three digits. */
  command: z.string().optional(),
  responseCode: z.number().optional().catch(undefined),
});

/** What may be logged of a failed message: not its text nor the server's, which may name people or repeat a password. */
export function failureOf(error: unknown): z.infer<typeof failure> {
  return failure.safeParse(error).data ?? {};
}

// nodemailer reads a list of addresses, or a name with an address, in any text that looks like one.
const oneAddress = /^[^\s@,;:<>()[\]"\\]+@[^\s@,;:<>()[\]"\\]+$/;

/** A message as nodemailer takes it. Throws {@link MailRefused} when `to` is not just one address. */
export function composeMail({ id, to, subject, text, html }: Message, from: Sender): SendMailOptions {
  if (!oneAddress.test(to)) throw new MailRefused(null);
  return {
    from,
    to: { name: '', address: to },
    envelope: { from: from.address, to: [to] },
    messageId: `<${id}@${from.address.split('@').at(-1)}>`,
    subject,
    text,
    ...(html !== undefined && { html }),
    // RFC 3834 §5: no out-of-office reply is wanted.
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}

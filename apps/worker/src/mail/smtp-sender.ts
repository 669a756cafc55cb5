import { createTransport } from 'nodemailer';
import { composeMail, failureOf, MailRefused, type MailSender, type Sender } from './mail-sender.ts';

/**
 * Sends by a mail server, `smtp://` or `smtps://user:password@host:port`. A name and a password are never sent
 * without TLS.
 */
export function smtpSender(url: string, from: Sender): MailSender {
  const { username, protocol } = new URL(url);
  const transport = createTransport({
    url,
    requireTLS: protocol === 'smtp:' && username !== '',
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
  });
  return {
    async send(message) {
      const mail = composeMail(message, from);
      await transport.sendMail(mail).catch((error) => {
        throw refusalOr(error);
      });
    },
  };
}

/** A 5xx to the recipient or to the message is final; to the sender or the password it is for the operator to mend. */
function refusalOr(error: unknown): unknown {
  const { code = '', command, responseCode = 0 } = failureOf(error);
  const ofMessage = ['EENVELOPE', 'EMESSAGE'].includes(code) && command !== 'MAIL FROM';
  return ofMessage && responseCode >= 500 ? new MailRefused(responseCode, { cause: error }) : error;
}

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { composeMail, type MailSender, type Sender } from './mail-sender.ts';

/** Writes each message to a file `<id>.eml` of `folder`, whole or not at all, which its owner alone can read. */
export function fileSender(folder: string, from: Sender): MailSender {
  const transport = createTransport({ streamTransport: true, buffer: true });
  return {
    async send(message) {
      const { message: content } = await transport.sendMail(composeMail(message, from));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, `${message.id}.eml`);
      await writeFile(`${path}.part`, content, { mode: 0o600, flush: true });
      await rename(`${path}.part`, path);
    },
  };
}

import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll } from '@jest/globals';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { freePort } from '../../apps/dev/src/free-port.ts';

export interface ReceivedMail {
  from: string;
  to: string[];
  /** The whole message as it came. */
  source: string;
}

export interface MailServer {
  /** For the worker's SMTP_URL. */
  url: string;
  received: ReceivedMail[];
  /** Resolves when `count` messages have come in all. */
  until(count: number): Promise<ReceivedMail[]>;
  close(): Promise<void>;
}

/** Receives mail on a loopback port until it is closed or the test file ends. `options` are those of `smtp-server`. */
export async function startMailServer(options: SMTPServerOptions = {}, port?: number): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  let noticed = () => {};
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, done) {
      text(stream).then((source) => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          source,
        });
        noticed();
        done();
      }, done);
    },
    ...options,
  });
  server.on('error', () => {});
  const at = port ?? (await freePort());
  server.listen(at, '127.0.0.1');
  await once(server.server, 'listening');
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= new Promise((done) => server.close(() => done()));
    return closed;
  };
  closes.push(close);
  return {
    url: `smtp://127.0.0.1:${at}`,
    received,
    async until(count) {
      while (received.length < count) {
        await new Promise<void>((done) => {
          noticed = done;
        });
      }
      return received;
    },
    close,
  };
}

const closes: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(closes.map((close) => close())));

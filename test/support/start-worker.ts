import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appProcesses } from './start-app.ts';

export interface StartedWorker {
  /** What it has logged so far. */
  log(): string;
  /** Ends it with this signal, and resolves with its exit code or the signal. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<unknown>;
}

const start = appProcesses();
const encryptionKey = randomBytes(32).toString('hex');

/** Runs the worker as a process of its own, with files for mail unless `env` names a mail server. */
export async function startWorkerProcess(env: Record<string, string>): Promise<StartedWorker> {
  const child = await start('worker', {
    SMTP_URL: '',
    MAIL_FROM: '',
    AUTH_URL: 'http://127.0.0.1:1',
    ENCRYPTION_KEY: encryptionKey,
    ...env,
  });
  let log = '';
  child.stdout?.on('data', (chunk) => {
    log += chunk;
  });
  return {
    log: () => log,
    async end(signal) {
      const ended = once(child, 'close');
      child.kill(signal);
      const [code, by] = await ended;
      return code ?? by;
    },
  };
}

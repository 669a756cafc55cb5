import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { roundRobin } from './round-robin.ts';
import { appProcesses } from './start-app.ts';
import type { TestDatabase } from './test-database.ts';

export interface Process {
  /** Of this process alone. */
  url: string;
  child: ChildProcess;
}

export interface TwoOfEach {
  /** Two authorization servers behind a round robin. */
  auth: { url: string; processes: [Process, Process] };
  /** Two APIs, each reached by itself. */
  apis: [Process, Process];
  encryptionKey: string;
}

/** Starts two processes of each server on one database. The APIs believe `X-Forwarded-For`. */
export async function startTwoOfEach(db: TestDatabase, env: Record<string, string> = {}): Promise<TwoOfEach> {
  const startApp = appProcesses();
  const encryptionKey = randomBytes(32).toString('hex');
  const auth = await roundRobin(await freePort());
  const apiUrl = 'http://127.0.0.1:1';
  const start = async (name: 'auth' | 'api'): Promise<Process> => {
    const port = await freePort();
    const child = await startApp(name, {
      DATABASE_URL: db.url,
      API_URL: apiUrl,
      AUTH_URL: auth.url,
      ENCRYPTION_KEY: encryptionKey,
      PORT: String(port),
      TRUSTED_PROXIES: '127.0.0.1',
      AUTHORIZATIONS_PER_MINUTE: '1000000',
      LOG_LEVEL: 'error',
      ...env,
    });
    if (name === 'auth') auth.targets.push(port);
    return { url: `http://127.0.0.1:${port}`, child };
  };
  const processes: [Process, Process] = [await start('auth'), await start('auth')];
  const apis: [Process, Process] = [await start('api'), await start('api')];
  return { auth: { url: auth.url, processes }, apis, encryptionKey };
}

import { type ChildProcess, fork } from 'node:child_process';
import { afterAll } from '@jest/globals';

const root = new URL('../../', import.meta.url).pathname;

/**
 * Starts apps as processes of their own, each ready when this resolves, and stops them after the test file. It rejects with
 * what the app wrote to standard error when it does not start.
 */
export function appProcesses(): (
  name: 'auth' | 'api' | 'worker',
  env: Record<string, string>,
) => Promise<ChildProcess> {
  const children: ChildProcess[] = [];
  afterAll(async () => {
    for (const child of children) {
      const ended = new Promise((done) => child.once('close', done));
      if (child.exitCode === null && child.kill('SIGTERM')) await ended;
    }
  });
  return async (name, env) => {
    const child = fork(`${root}apps/${name}/src/main.ts`, { env: { ...process.env, ...env }, silent: true });
    children.push(child);
    let complaint = '';
    child.stderr?.on('data', (chunk) => {
      complaint += chunk;
    });
    await new Promise<void>((ready, fail) => {
      child.once('message', () => ready());
      child.once('close', () => fail(new Error(complaint)));
    });
    return child;
  };
}

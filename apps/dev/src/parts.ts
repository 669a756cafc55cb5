import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** One app, as a process of its own. */
export interface Part {
  name: string;
  /** Resolves when it serves; rejects with what it wrote to standard error when it ends before. */
  ready: Promise<void>;
  ended: Promise<void>;
  stop(): Promise<void>;
}

const killAfterMs = 12_000;

/** Starts an app's `main.ts`. It ends when this process does, since its channel to it closes then. */
export function startPart(name: string, env: NodeJS.ProcessEnv): Part {
  const main = fileURLToPath(new URL(`../../${name}/src/main.ts`, import.meta.url));
  // Detached: the terminal's Ctrl-C reaches our own process alone, which then stops the parts in order.
  const child = fork(main, { env, detached: true, silent: true });
  child.stdout?.pipe(process.stdout);
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  return { name, ready: untilReady(child, name), ended, stop: () => stop(child, ended) };
}

async function untilReady(child: ChildProcess, name: string): Promise<void> {
  let complaint = '';
  const listen = (chunk: Buffer) => {
    complaint += chunk;
  };
  child.stderr?.on('data', listen);
  await new Promise<void>((ready, fail) => {
    child.once('message', () => ready());
    child.once('error', fail);
    child.once('close', () => fail(new Error(complaint.trim() || `${name} ended before it was ready`)));
  });
  child.stderr?.off('data', listen);
  child.stderr?.pipe(process.stderr);
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  await ended;
  clearTimeout(kill);
}

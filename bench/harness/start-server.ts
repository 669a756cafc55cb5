import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../apps/dev/src/free-port.ts';
import type { Bench } from './bench.ts';

/** A server that is measured: a process of its own on a port of its own. */
export interface Server {
  origin: string;
  /** The processor time that it has used so far, in microseconds. */
  cpuMicroseconds(): Promise<number>;
}

const reportUsage = new URL('./report-usage.ts', import.meta.url).href;
const killAfterMs = 15_000;

/**
 * Runs the program `file` (relative to `bench/`) with `PORT` and `env`, until the benchmark ends. It says `ready`
 * when it serves, as `runApp` does. Throws an Error when it ends before.
 */
export async function startServer(bench: Bench, file: string, env: Record<string, string>): Promise<Server> {
  const port = await freePort();
  const program = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const child = fork(program, {
    env: { ...bench.env, ...env, PORT: String(port) },
    execArgv: ['--import', reportUsage],
    // Its log goes where a log costs least; detached, so that Ctrl-C reaches our own process alone.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: true,
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  bench.atEnd(async () => {
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    await ended;
    clearTimeout(kill);
  });
  const answer = () =>
    new Promise<unknown>((done, fail) => {
      child.once('message', done);
      ended.then(() => fail(new Error(`${file} has ended`)));
    });

  await answer();
  return {
    origin: `http://127.0.0.1:${port}`,
    async cpuMicroseconds() {
      const usage = answer();
      child.send('usage');
      return Number(await usage);
    },
  };
}

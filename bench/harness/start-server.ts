import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { freePort } from '../../apps/dev/src/free-port.ts';
import type { Bench } from './bench.ts';

const usageSchema = z.object({ cpuMicroseconds: z.number(), peakKib: z.number() });

/** The processor time that a program has used so far, and the most memory that it ever had. */
export type Usage = z.infer<typeof usageSchema>;

/** A server that is measured: a process of its own on a port of its own. */
export interface Server {
  origin: string;
  usage(): Promise<Usage>;
}

const reportUsage = new URL('./report-usage.ts', import.meta.url).href;
const killAfterMs = 15_000;

/**
 * Runs the program `file` (relative to `bench/`) with `PORT` and `env`, until the benchmark ends. It says `ready`
 * when it serves, as `runApp` does. Throws an Error when it ends before.
 */
export async function startServer(bench: Bench, file: string, env: Record<string, string>): Promise<Server> {
  const port = await freePort();
  const child = start(bench, file, [], { ...env, PORT: String(port) });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  bench.atEnd(async () => {
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    await ended;
    clearTimeout(kill);
  });
  await answerOf(child, file);
  return {
    origin: `http://127.0.0.1:${port}`,
    async usage() {
      const usage = answerOf(child, file);
      child.send('usage');
      return usageSchema.parse(await usage);
    },
  };
}

/** Runs the program `file` (relative to `bench/`) to its end. Throws an Error when it fails. */
export async function runProgram(
  bench: Bench,
  file: string,
  args: string[],
  env: Record<string, string>,
): Promise<Usage> {
  const child = start(bench, file, args, env);
  bench.atEnd(async () => void child.kill());
  return usageSchema.parse(await answerOf(child, file));
}

function start(bench: Bench, file: string, args: string[], env: Record<string, string>): ChildProcess {
  return fork(fileURLToPath(new URL(`../${file}`, import.meta.url)), args, {
    env: { ...bench.env, ...env },
    execArgv: ['--import', reportUsage],
    // Its log goes where a log costs least; detached, so that Ctrl-C reaches our own process alone.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: true,
  });
}

function answerOf(child: ChildProcess, file: string): Promise<unknown> {
  return new Promise((done, fail) => {
    const ended = () => fail(new Error(`${file} has ended`));
    child.once('exit', ended).once('message', (message) => {
      child.off('exit', ended);
      done(message);
    });
  });
}

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { freePort } from '../../apps/dev/src/free-port.ts';

export interface Started {
  child: ChildProcess;
  /** What it has printed so far, on both outputs. */
  output(): string;
  /** Resolves when it has printed that it is ready; rejects when it ends before. */
  ready: Promise<void>;
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | string | null>;
  /** All processes below it at this moment: id and command line. */
  descendants(): { pid: number; command: string }[];
  demo(): Record<string, unknown>;
}

const main = new URL('../../apps/dev/src/main.ts', import.meta.url).pathname;
const running: Started[] = [];

/**
 * Runs what `npm start` runs, or `npm start` itself, with these settings; it is stopped after the test file if it
 * still runs.
 */
export function npmStart(
  env: Record<string, string> & { DATA_DIR: string },
  [command, ...args]: [string, ...string[]] = [process.execPath, main],
): Started {
  const { DATABASE_URL, REDIS_URL, PRODUCT, npm_lifecycle_event, ...inherited } = process.env;
  const child = spawn(command, args, {
    cwd: new URL('../../', import.meta.url),
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const ended = new Promise<number | string | null>((done) =>
    child.once('close', (code, signal) => done(code ?? signal)),
  );
  const ready = new Promise<void>((done, fail) => {
    const read = (chunk: Buffer) => {
      printed += chunk;
      if (printed.includes('is ready')) done();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    ended.then(() => fail(new Error(`it ended: ${printed}`)));
  });
  ready.catch(() => {});
  const started: Started = {
    child,
    output: () => printed,
    ready,
    ended,
    descendants: () => descendantsOf(child.pid ?? -1),
    demo: () => JSON.parse(readFileSync(join(env.DATA_DIR, 'demo.json'), 'utf8')),
  };
  running.push(started);
  return started;
}

const folders: string[] = [];
afterAll(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGTERM');
    await ended;
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** An empty folder that is removed after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keystile-start-'));
  folders.push(folder);
  return folder;
}

/** The first of four ports in a row that are all free. */
export async function freePortBase(): Promise<number> {
  for (;;) {
    const base = await freePort();
    const rest = await Promise.allSettled([1, 2, 3].map((offset) => freePort(base + offset)));
    if (rest.every(({ status }) => status === 'fulfilled')) return base;
  }
}

function processes(): { pid: number; parent: number; command: string }[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, state = 'Z', command = ''] = /^ *(\d+) +(\d+) +(\S+) +(.*)$/.exec(line) ?? [];
    return state.startsWith('Z') ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

function descendantsOf(root: number): { pid: number; command: string }[] {
  const all = processes();
  const below = (parent: number): { pid: number; command: string }[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(root);
}

/** Resolves when none of these processes runs any more. */
export async function gone(pids: readonly number[]): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const left = processes().filter((each) => pids.includes(each.pid));
    if (left.length === 0) return;
    if (Date.now() > deadline)
      throw new Error(`still running: ${left.map((each) => each.command).join('; ')}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

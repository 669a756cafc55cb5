import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { afterAll } from '@jest/globals';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { describeWith, onThisMachine } from './on-this-machine.ts';

const found = onThisMachine('Redis', () => {
  if (spawnSync('redis-server', ['--version']).status !== 0)
    throw new Error('redis-server is not on the PATH');
  return 'redis-server';
});
export const redisAvailable = found !== null;

/** `describe`, for tests that need a Redis: skipped, and said so, on a machine without `redis-server`. */
export const describeWithRedis = describeWith(found);

export interface TestRedis {
  port: number;
  url: string;
  keys(): string[];
  /** How often a command was carried out, those of scripts too. */
  calls(command: string): number;
  /** Sends one command, as an operator would. */
  command(...words: string[]): string;
  /** Stops it in its tracks, connections and all, until `resume`. */
  freeze(): void;
  resume(): void;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

/** Starts an empty Redis on a free port, or on `port`, with `more` options; it ends with the test file. */
export async function startRedis(port?: number, more: readonly string[] = []): Promise<TestRedis> {
  const at = port ?? (await freePort());
  const options = ['--port', String(at), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...more];
  const child = spawn('redis-server', options);
  await new Promise<void>((ready, fail) => {
    child.stdout.on('data', (chunk) => String(chunk).includes('Ready to accept') && ready());
    child.once('exit', () => fail(new Error(`redis-server on port ${at} ended`)));
  });
  const kill = () =>
    new Promise<void>((done) => {
      if (child.exitCode !== null || child.signalCode !== null) return done();
      child.once('exit', () => done()).kill('SIGKILL');
    });
  stops.push(kill);
  const command = (...words: string[]) =>
    execFileSync('redis-cli', ['-p', String(at), ...words], { encoding: 'utf8', timeout: 5_000 });
  return {
    port: at,
    url: `redis://127.0.0.1:${at}`,
    keys: () => command('keys', '*').split('\n'),
    calls: (name) =>
      Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(command('info', 'commandstats'))?.[1] ?? 0),
    command,
    freeze: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill,
  };
}

const stops: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(stops.map((stop) => stop())));

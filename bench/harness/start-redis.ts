import { spawn, spawnSync } from 'node:child_process';
import { freePort } from '../../apps/dev/src/free-port.ts';
import type { Bench } from './bench.ts';

/** Starts a Redis that keeps nothing, and tells its URL; null where `redis-server` is not on the PATH. */
export async function startRedis(bench: Bench): Promise<string | null> {
  if (spawnSync('redis-server', ['--version']).status !== 0) return null;
  const port = await freePort();
  // The shell waits for the end of its input, a pipe from here: so Redis ends with us even when we are killed.
  const guard = '"$@" </dev/null & pid=$!; cat >/dev/null; kill "$pid"; wait "$pid"';
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn('sh', ['-c', guard, 'sh', 'redis-server', ...options], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  bench.atEnd(async () => {
    child.stdin.end();
    await ended;
  });
  await new Promise<void>((ready, fail) => {
    child.stdout.on('data', (chunk) => String(chunk).includes('Ready to accept') && ready());
    ended.then(() => fail(new Error('redis-server has ended')));
  });
  return `redis://127.0.0.1:${port}`;
}

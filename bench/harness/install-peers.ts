import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Bench } from './bench.ts';

const folder = fileURLToPath(new URL('../peers/', import.meta.url));

/** Installs what `bench/peers` names, unless it is there. Throws an Error when that does not work. */
export async function installPeers({ say, env }: Bench): Promise<void> {
  const writtenAt = (file: string) => statSync(folder + file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (writtenAt('node_modules/.package-lock.json') >= writtenAt('package-lock.json')) return;
  say('installing the libraries to compare with: npm ci in bench/peers');
  // No scripts: nothing that the benchmarks use needs one.
  const child = spawn('npm', ['ci', '--ignore-scripts', '--no-progress', '--loglevel=error'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exitCode = await new Promise((done, fail) => child.once('error', fail).once('exit', done));
  if (exitCode !== 0) throw new Error('npm ci in bench/peers failed; --no-peers does without');
}

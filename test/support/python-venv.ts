import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The folder of the programs of a Python environment with the packages of `requirements`. It is made when it is first asked
 * for, kept in `node_modules/.cache`, and made anew when the requirements change. Throws an Error where that can't be done.
 */
export function pythonVenv(name: string, requirements: string): string {
  const venv = new URL(`../../node_modules/.cache/${name}`, import.meta.url).pathname;
  const bin = join(venv, 'bin');
  const python = join(bin, 'python');
  const wanted = readFileSync(requirements, 'utf8');
  const installed = join(venv, 'requirements.txt');
  if (existsSync(python) && existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return bin;

  if (!succeeds('python3', ['-c', 'import ensurepip, venv'], 'ignore'))
    throw new Error('python3 with venv is not on this machine');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
  if (!succeeds('python3', ['-m', 'venv', '--clear', venv]) || !succeeds(python, pip))
    throw new Error(`the Python packages of ${name} could not be installed`);
  writeFileSync(installed, wanted);
  return bin;
}

function succeeds(command: string, args: string[], stderr: 'inherit' | 'ignore' = 'inherit'): boolean {
  return spawnSync(command, args, { stdio: ['ignore', 'ignore', stderr] }).status === 0;
}

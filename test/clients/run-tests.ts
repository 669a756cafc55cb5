import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, it } from '@jest/globals';
import { describeWith } from '../support/on-this-machine.ts';
import { withoutCredentials } from '../support/without-credentials.ts';
import { serveSignIn, startServers, steps } from './servers.ts';

/** The runner of another language's tests. */
export interface TestRunner {
  command: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** What it prints of a test that passed, with its name as the first group. */
  passed: RegExp;
}

/** The first run compiles what it needs. */
const timeout = 3 * 60_000;

/**
 * The tests of libraries of another language, each with a client of its own of the authorization server and the API. Each
 * step is a test here, which passes when the one of that name did there. They are skipped when `runner` is null.
 */
export async function testLibraries(
  libraries: readonly string[],
  runner: TestRunner | null,
  nameOf: (library: string, step: string) => string,
): Promise<void> {
  const run = runner && (await runTests(libraries, runner));
  describeWith(run).each(libraries)('%s', (library) => {
    it.each(steps)('%s', (step) => {
      const name = nameOf(library, step.replaceAll(' ', '_'));
      if (!run?.passed.includes(name)) throw new Error(`${name} did not pass:\n${run?.output}`);
    });
  });
  describeWith(run)('the run', () => {
    it('ends well', () => {
      expect(run).toMatchObject({ exitCode: 0 });
    });
  });
}

/** Runs them to their end. What they have to know is in the environment, since others can see the words of a command. */
async function runTests(libraries: readonly string[], { command, args, passed, ...runner }: TestRunner) {
  const servers = await startServers();
  const signInUrl = await serveSignIn(servers.signIn);
  const clients: Record<string, object> = {};
  for (const library of libraries) clients[library] = await servers.register();

  const CLIENT_SETTINGS = JSON.stringify({ signInUrl, clients });
  const env = { ...process.env, ...runner.env, CLIENT_SETTINGS };
  const child = spawn(command, args, {
    cwd: runner.cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
  });
  const ended = new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done));
  const [exitCode, ...printed] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  const output = printed.join('\n');
  return {
    exitCode,
    output: withoutCredentials(output),
    passed: [...output.matchAll(passed)].map(([, name]) => name),
  };
}

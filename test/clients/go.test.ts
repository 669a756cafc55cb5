import { spawnSync } from 'node:child_process';
import { onThisMachine } from '../support/on-this-machine.ts';
import { type TestRunner, testLibraries } from './run-tests.ts';

const library = 'golang.org/x/oauth2';
const cwd = new URL('./go', import.meta.url).pathname;

const goTest = onThisMachine(library, (): TestRunner => {
  if (spawnSync('go', ['version']).status !== 0) throw new Error('go is not on the PATH');
  const { status } = spawnSync('go', ['mod', 'download'], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`the Go module ${library} could not be downloaded`);
  return {
    command: 'go',
    args: ['test', '-v', '-count=1', './...'],
    cwd,
    // Debian's Go comes without a C compiler.
    env: { CGO_ENABLED: '0' },
    passed: /--- PASS: (\S+)/g,
  };
});

await testLibraries([library], goTest, (_library, step) => `TestOauth2/${step}`);

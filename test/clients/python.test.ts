import { join } from 'node:path';
import { onThisMachine } from '../support/on-this-machine.ts';
import { pythonVenv } from '../support/python-venv.ts';
import { type TestRunner, testLibraries } from './run-tests.ts';

const libraries = ['requests-oauthlib', 'authlib'];
const cwd = new URL('./python', import.meta.url).pathname;

const pytest = onThisMachine(
  libraries.join(' and '),
  (): TestRunner => ({
    command: join(pythonVenv('python-clients', join(cwd, 'requirements.txt')), 'python'),
    args: ['-m', 'pytest', '--verbose', '--tb=short', '--color=no', '-p', 'no:cacheprovider'],
    cwd,
    env: {
      PYTHONDONTWRITEBYTECODE: '1',
      // The servers of the tests have no TLS.
      OAUTHLIB_INSECURE_TRANSPORT: '1',
      AUTHLIB_INSECURE_TRANSPORT: '1',
    },
    passed: /::(\S+) PASSED/g,
  }),
);

await testLibraries(libraries, pytest, (library, step) => `test_${step}[${library}]`);

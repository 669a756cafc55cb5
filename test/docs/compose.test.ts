import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';

// No container engine runs here: these are the promises of the files that can be read off them.
const root = new URL('../../', import.meta.url).pathname;
const compose = readFileSync(`${root}docker-compose.yml`, 'utf8');
const dockerfile = readFileSync(`${root}Dockerfile`, 'utf8');

it('every command of the compose file runs a file that is there', () => {
  const files = [...compose.matchAll(/'node', '([^']+)'/g)].map(([, file = '']) => file);
  expect(files.toSorted()).toEqual([
    'apps/api/src/main.ts',
    'apps/auth/src/main.ts',
    'apps/cli/src/main.ts',
    'apps/worker/src/main.ts',
  ]);
  expect(files.filter((file) => !existsSync(root + file))).toEqual([]);
});

it('the compose file has no default for a secret', () => {
  const secrets = [...compose.matchAll(/\$\{\w*(?:KEY|PASSWORD|SECRET)\w*([^}]*)\}/g)].map(
    ([, rest = '']) => rest,
  );
  expect(secrets.length).toBeGreaterThan(1);
  expect(secrets.filter((rest) => !rest.startsWith(':?'))).toEqual([]);
});

it('the image has the Node that the scripts run on, without development dependencies, and is not root', () => {
  const { devDependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  expect(dockerfile).toContain(`node:${devDependencies.node}-`);
  expect(dockerfile).toMatch(/^RUN npm ci --omit=dev/m);
  expect(dockerfile).toMatch(/^USER (?!root)\w+$/m);
});

import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { settings } from '#http';

// What the README and .env.example say about settings is what the apps read.
const root = new URL('../../', import.meta.url).pathname;
const read = (path: string) => readFileSync(root + path, 'utf8');
const sorted = (names: Iterable<string>) => [...new Set(names)].toSorted();
const firstGroups = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, name = '']) => name);

/** App → the variables that its config.ts reads; `start` is what people call the app in `apps/dev`. */
const readBy = new Map(
  globSync('apps/*/src/config.ts', { cwd: root }).map((path) => {
    const text = read(path);
    const shared = Object.keys(settings).filter((name) => new RegExp(`\\b${name}\\b`).test(text));
    const app = path.split('/')[1] ?? '';
    return [app === 'dev' ? 'start' : app, sorted([...shared, ...firstGroups(text, /^ +([A-Z_]+): /gm)])];
  }),
);
const variables = sorted([...readBy.values()].flat());

/** Variable → the apps that read it, as the README's table has them. */
const table = new Map(
  [...read('README.md').matchAll(/^\| `([A-Z_]+)` \| ([^|]+) \|/gm)].map(([, name = '', apps = '']) => [
    name,
    apps.split(',').map((app) => app.trim()),
  ]),
);

it('there are settings to look at, of every app', () => {
  expect(sorted(readBy.keys())).toEqual(['api', 'auth', 'cli', 'start', 'worker']);
  expect(variables).toEqual(expect.arrayContaining(['DATABASE_URL', 'DATA_DIR', 'PORT']));
  expect(variables).toEqual(expect.arrayContaining(Object.keys(settings)));
});

describe('the README’s table', () => {
  it('has every variable, and no other', () => {
    expect(sorted(table.keys())).toEqual(variables);
  });

  it.each(variables)('names the apps that read %s', (name) => {
    const apps = [...readBy].filter(([, names]) => names.includes(name)).map(([app]) => app);
    expect(table.get(name)?.toSorted()).toEqual(apps.toSorted());
  });
});

describe('.env.example', () => {
  const lines = [...read('.env.example').matchAll(/^(?:# )?([A-Z_]+)=(.*)$/gm)];
  const ofCompose = firstGroups(read('docker-compose.yml'), /\$\{([A-Z_]+)/g);

  it('has every variable of the apps and of the compose file once, and no other', () => {
    expect(lines.map(([, name]) => name).toSorted()).toEqual(sorted([...variables, ...ofCompose]));
  });

  it('has no secret in it', () => {
    const secrets = lines.filter(([, name = '']) => /KEY|PASSWORD|SECRET/.test(name));
    expect(secrets.length).toBeGreaterThan(1);
    expect(secrets.map(([, , value]) => value)).toEqual(secrets.map(() => ''));
  });
});

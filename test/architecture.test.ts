import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';

// The rules of the house that no compiler knows. Each names the file that breaks it.
const root = new URL('../', import.meta.url).pathname;
const sources = globSync('{packages,apps,migrations,bench}/**/*.ts', {
  cwd: root,
  exclude: ['**/node_modules'],
})
  .map((path) => ({ path, text: readFileSync(root + path, 'utf8') }))
  .filter(({ path }) => !path.endsWith('.test.ts'));

/** What each part may import of ours. Apps: any package, never another app. */
const mayImport: Record<string, string[]> = {
  crypto: [],
  catalog: [],
  store: ['catalog', 'crypto'],
  http: ['catalog'],
};

const importsOf = (text: string) =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1] ?? '');

it('there are sources to look at', () => {
  expect(sources.length).toBeGreaterThan(80);
});

describe('imports go one way', () => {
  it('between packages', () => {
    const wrong = sources.flatMap(({ path, text }) => {
      const [, name = ''] = /^packages\/(\w+)\//.exec(path) ?? [];
      const allowed = mayImport[name];
      if (!allowed) return [];
      const ours = importsOf(text).filter((from) => from.startsWith('#'));
      return ours.filter((from) => !allowed.includes(from.slice(1))).map((from) => `${path} imports ${from}`);
    });
    expect(wrong).toEqual([]);
  });

  it('never from a file into another package or app by its path', () => {
    const wrong = sources.flatMap(({ path, text }) => {
      const [home = ''] = /^(packages|apps)\/\w+\//.exec(path) ?? [''];
      if (home === '') return [];
      const relative = importsOf(text).filter((from) => from.startsWith('.'));
      const targets = relative.map((from) => new URL(from, `file:///${path}`).pathname.slice(1));
      return targets
        .filter((target) => !target.startsWith(home))
        .map((target) => `${path} imports ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it('the catalogue has zod alone, and crypto Node alone but for bcrypt', () => {
    const libraries = (folder: string) =>
      new Set(
        sources
          .filter(({ path }) => path.startsWith(`packages/${folder}/`))
          .flatMap(({ text }) => importsOf(text))
          .filter((from) => !from.startsWith('.') && !from.startsWith('node:')),
      );
    expect([...libraries('catalog')]).toEqual(['zod']);
    expect([...libraries('crypto')]).toEqual(['bcrypt']);
  });
});

it('process.env is read in config.ts and main.ts alone', () => {
  const wrong = sources.filter(
    ({ path, text }) => /process\.env/.test(text) && !/\/(config|main)\.ts$/.test(path),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('SQL stands in the store, the migrations and the data of benchmarks alone', () => {
  const sql =
    /['"`]\s*(select\s[\s\S]*\sfrom|insert\s+into|update\s+\w+\s+(\w+\s+)?set|delete\s+from|alter\s+table|drop\s+table)\s/i;
  const wrong = sources.filter(
    ({ path, text }) => sql.test(text) && !/^(packages\/store|migrations|bench\/data)\//.test(path),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('nothing outside of the catalogue knows a product', async () => {
  const names = globSync('packages/catalog/products/*.ts', { cwd: root }).map(
    (path) => /(\w+)\.ts$/.exec(path)?.[1] ?? '',
  );
  expect(names).toContain('torvus');
  const prefixes = (await Promise.all(names.map(loadProduct))).flatMap(({ keys }) =>
    Object.values(keys.prefixes),
  );
  const known = new RegExp([...names, ...prefixes, 'product\\.slug\\s*[!=]='].join('|'), 'i');
  const wrong = sources
    .filter(({ path }) => !path.startsWith('packages/catalog/'))
    .filter(({ text }) => known.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')));
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

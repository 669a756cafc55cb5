import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  auditLog,
  defineProduct,
  holdsScope,
  intersectScopes,
  loadProduct,
  missingScopes,
  problems,
} from '#catalog';

const product = await loadProduct('vaultwares');
const root = new URL('../', import.meta.url).pathname;
const folder = join(root, 'test', '.scratch');

describe('a product file of one’s own', () => {
  const source = `
    import { defineProduct } from '#catalog';
    import { vaultwares } from '../../packages/catalog/products/vaultwares.ts';
    export const acme = defineProduct({ ...vaultwares, slug: 'acme', presets: { all: ['admin'] } });
  `;
  const compile = (text: string) => {
    writeFileSync(join(folder, 'acme.product.ts'), text);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      '{"extends": "../../tsconfig.json", "include": ["acme.product.ts"]}',
    );
    return spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
      encoding: 'utf8',
    });
  };
  beforeAll(() => void mkdirSync(folder, { recursive: true }));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('compiles, and is loaded by its path', async () => {
    expect(compile(source)).toMatchObject({ status: 0, stdout: '' });
    const loaded = await loadProduct(join(folder, 'acme.product.ts'));
    expect(loaded.slug).toBe('acme');
  });

  it.each([
    ['a scope in a preset', source.replace("['admin']", "['admni']")],
    [
      'a scope in a role',
      source.replace('presets:', "roles: { ...vaultwares.roles, viewer: ['devices:reed'] }, presets:"),
    ],
    [
      'a missing error',
      source.replace('presets:', 'errors: { internal: vaultwares.errors.internal }, presets:'),
    ],
  ])('does not compile with %s', (_what, text) => {
    const { status, stdout } = compile(text);
    expect(status).not.toBe(0);
    expect(stdout).toMatch(/acme\.product\.ts\(\d+/);
  });
});

describe('defineProduct', () => {
  it('names each mistake of a definition that no compiler has seen', () => {
    const wrong = {
      ...product,
      presets: { broken: ['devices:fly'] },
      defaultPlan: 'gold',
      keys: { prefixes: { live: 'vw_', test: 'vw_test_' } },
      resources: [...product.resources, ...product.resources],
      capabilities: [auditLog({ path: '/audit', scope: 'audit:read', exportPlans: ['platinum'] })],
    };
    expect(() => defineProduct(wrong)).toThrow(
      /preset broken names an unknown scope devices:fly.*collection devices.*idPrefix dev.*begins with the other.*unknown plan gold.*unknown plan platinum/,
    );
  });

  it('has wording for every problem, in every product', async () => {
    for (const slug of ['vaultwares', 'torvus']) {
      const { errors } = await loadProduct(slug);
      expect(Object.keys(errors).toSorted()).toEqual(Object.keys(problems).toSorted());
    }
  });
});

describe('loadProduct', () => {
  it.each([
    ['nonsense', /^unknown product nonsense: it is one of vaultwares, torvus/],
    ['./nowhere.ts', /^product file \.\/nowhere\.ts can't be loaded: [^\n]+$/],
    ['./jest.config.ts', /must export one product/],
  ])('refuses %s in one line', async (name, message) => {
    await expect(loadProduct(name)).rejects.toThrow(message);
  });
});

describe('scopes', () => {
  const names = Object.keys(product.scopes);
  const some = fc.subarray(names);

  it('met with others are never widened', () => {
    fc.assert(
      fc.property(some, some, (a, b) => {
        const both = intersectScopes(product, a, b);
        expect(missingScopes(product, a, both)).toEqual([]);
        expect(missingScopes(product, b, both)).toEqual([]);
        expect(intersectScopes(product, b, a)).toEqual(both);
        for (const scope of names) {
          expect(holdsScope(product, both, scope)).toBe(
            holdsScope(product, a, scope) && holdsScope(product, b, scope),
          );
        }
      }),
    );
  });
});

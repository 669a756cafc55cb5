import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = new URL('../../', import.meta.url).pathname;
const pages = globSync('{*.md,docs/**/*.md}', { cwd: root });
const read = (page: string) => readFileSync(join(root, page), 'utf8');

/** What a page links to, without links to other sites. */
const linksOf = (page: string) =>
  [...read(page).matchAll(/\[[^\]]+\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

/** A heading's anchor, as GitHub makes it. */
const anchorsOf = (page: string) =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

it('there are pages to look at', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']));
  expect(pages.length).toBeGreaterThan(15);
});

describe('every relative link leads somewhere', () => {
  it.each(pages)('in %s', (page) => {
    const broken = linksOf(page).filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

describe('decisions', () => {
  const decisions = pages.filter((page) => /^docs\/adr\/\d{4}-/.test(page)).toSorted();

  it('are all listed, in their order', () => {
    const listed = linksOf('docs/adr/README.md').map((link) => `docs/adr/${link}`);
    expect(listed).toEqual(decisions);
  });

  it('are numbered without a gap, and each says context, decision and consequences', () => {
    for (const [at, page] of decisions.entries()) {
      expect(page).toContain(`/${String(at + 1).padStart(4, '0')}-`);
      const headings = read(page).match(/^#+ .+$/gm);
      expect(headings).toEqual([
        expect.stringMatching(new RegExp(`^# ${at + 1}\\. `)),
        '## Context',
        '## Decision',
        '## Consequences',
      ]);
    }
  });
});

it('every file that a page names in code is there', () => {
  const named = pages.flatMap((page) =>
    [...read(page).matchAll(/`((?:apps|packages|test|migrations|docs)\/[\w./-]+)`/g)].map(([, file = '']) => [
      page,
      file,
    ]),
  );
  expect(named.length).toBeGreaterThan(10);
  const placeholder = /NNNN|-api\.test\.ts$/;
  const missing = named.filter(([, file = '']) => !placeholder.test(file) && !existsSync(join(root, file)));
  expect(missing).toEqual([]);
});

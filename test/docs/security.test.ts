import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

// docs/security.md says what holds and which test shows it: what it names must be there.
const root = new URL('../../', import.meta.url).pathname;
const text = readFileSync(join(root, 'docs/security.md'), 'utf8');
const states = ['yes', 'part', 'not yet', 'app', 'operator', 'n/a'];

interface Row {
  section: string;
  /** Of the document: the heading above. */
  heading: string;
  state: string;
  cells: string[];
}

const rows: Row[] = text
  .split(/^## /m)
  .slice(1)
  .flatMap((chapter) =>
    [...chapter.matchAll(/^\| (\d[\d.]*(?:, \d[\d.]*)*) \|(.*)\|$/gm)].map(([, section = '', rest = '']) => {
      const cells = rest.split(' | ').map((cell) => cell.trim());
      const heading = chapter.split('\n')[0] ?? '';
      return { section, heading, state: cells[1] ?? '', cells };
    }),
  );
const rowsOf = (heading: string) => rows.filter((row) => row.heading.startsWith(heading));

/** Links of a text: what they say and where they lead. */
const linksOf = (markdown: string) =>
  [...markdown.matchAll(/\[([^\]]+)\]\(([^)\s]+)\)/g)].map(([, words = '', target = '']) => ({
    words,
    target,
  }));
const isTest = ({ target }: { target: string }) => target.endsWith('.test.ts');

describe('each row of the document', () => {
  it('is there, and has one of the states', () => {
    expect(rows.length).toBeGreaterThan(150);
    expect(rows.filter(({ cells, state }) => cells.length !== 4 || !states.includes(state))).toEqual([]);
  });

  it('that says yes names a test, or the page that it asks for', () => {
    const bare = rows.filter(
      ({ state, cells }) =>
        state === 'yes' && !linksOf(cells[3] ?? '').some((link) => isTest(link) || link.target.includes('#')),
    );
    expect(bare).toEqual([]);
  });

  it('that says anything else says why', () => {
    const silent = rows.filter(({ state, cells }) => state !== 'yes' && (cells[2] ?? '').length < 20);
    expect(silent).toEqual([]);
  });
});

describe('each test that it names', () => {
  const tests = linksOf(text).filter(isTest);

  it('is one of many', () => expect(tests.length).toBeGreaterThan(150));

  it('is in the file that it names', () => {
    const missing = tests.filter(({ words, target }) => {
      const file = join(root, 'docs', target);
      const quoted = ["'", '`', '"'].map((quote) => quote + words + quote);
      return !existsSync(file) || !quoted.some((name) => readFileSync(file, 'utf8').includes(name));
    });
    expect(missing).toEqual([]);
  });
});

describe('the chapters of ASVS 5.0', () => {
  const counts: Record<string, Record<string, number>> = {
    V6: { '6.1': 3, '6.2': 12, '6.3': 8, '6.4': 6, '6.5': 8, '6.6': 4, '6.7': 2, '6.8': 4 },
    V7: { '7.1': 3, '7.2': 4, '7.3': 2, '7.4': 5, '7.5': 3, '7.6': 2 },
    V9: { '9.1': 3, '9.2': 4 },
    V10: { '10.1': 2, '10.2': 3, '10.3': 5, '10.4': 16, '10.5': 5, '10.6': 2, '10.7': 3 },
  };

  it.each(Object.entries(counts))('have each requirement once, in order: %s', (chapter, sections) => {
    const wanted = Object.entries(sections).flatMap(([section, count]) =>
      Array.from({ length: count }, (_, at) => `${section}.${at + 1}`),
    );
    const found = rowsOf(`ASVS 5.0, ${chapter}:`).flatMap(({ section }) => section.split(', '));
    expect(found).toEqual(wanted);
  });
});

it('each section of RFC 9700 that asks for something has its rows', () => {
  const found = new Set(rowsOf('RFC 9700').map(({ section }) => section));
  const wanted = [
    '2.1',
    '2.1.1',
    '2.1.2',
    '2.2.1',
    '2.2.2',
    '2.3',
    '2.4',
    '2.5',
    '2.6',
    '4.1.3',
    '4.2.4',
    '4.3.1',
  ];
  wanted.push(
    '4.3.2',
    '4.4.2',
    '4.5.3',
    '4.6',
    '4.7.1',
    '4.8.2',
    '4.9.3',
    '4.10.1',
    '4.10.2',
    '4.11.1',
    '4.11.2',
  );
  wanted.push('4.12', '4.13', '4.14.2', '4.15.1', '4.16', '4.17.2');
  expect(wanted.filter((section) => !found.has(section))).toEqual([]);
});

import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { gone, npmStart, temporaryFolder } from '../support/npm-start.ts';

// That a benchmark runs, not how fast anything is: speed is never a test.
const main = new URL('../../bench/main.ts', import.meta.url).pathname;
// Six programs start, which a busy machine takes its time for.
const patienceMs = 120_000;
const small = ['--seconds', '0.1', '--rounds', '1', '--keys', '100,200', '--no-peers'];

const run = (TMPDIR: string, ...args: string[]) =>
  npmStart({ DATA_DIR: TMPDIR, TMPDIR }, [process.execPath, main, ...args]);

describe('npm run bench', () => {
  it('without a known name tells the names, and fails', async () => {
    const started = run(temporaryFolder(), 'speed');
    expect(await started.ended).toBe(1);
    expect(started.output()).toBe(
      'bench: name one of these: keys, limits, records, audit-export, growth, tokens, enumeration\n',
    );
  });

  it('with an option that makes no sense says which, and fails', async () => {
    const started = run(temporaryFolder(), 'keys', '--keys', '0');
    expect(await started.ended).toBe(1);
    expect(started.output()).toMatch(/^bench: --keys: .+\n$/);
  });
});

describe('npm run bench -- keys', () => {
  it(
    'prints a line for each subject and each comparison',
    async () => {
      const started = run(temporaryFolder(), 'keys', ...small);
      await started.ended;
      const lines = started.output();
      for (const subject of ['handler', 'check, 100 keys', 'list', 'list \\+ check', 'check, 200 keys']) {
        expect(lines).toMatch(new RegExp(`^${subject} +\\d+ +[\\d.]+ +[\\d.]+ +\\d+$`, 'm'));
      }
      for (const pair of ['check, 100 keys : handler', 'list \\+ check : list']) {
        expect(lines).toMatch(new RegExp(`^${pair} +[\\d.]+ \\([\\d.]+–[\\d.]+\\) .*`, 'm'));
      }
      expect(lines).toMatch(/^limits (on Redis|in memory)/m);
      for (const subject of ['check, 100 keys', 'list', 'list \\+ check']) {
        expect(lines).toMatch(new RegExp(`^${subject} +\\d+ +(\\d+|NaN) +(\\d+|NaN)$`, 'm'));
      }
      expect(await started.ended).toBe(0);
    },
    patienceMs,
  );

  it(
    'stopped halfway ends all that it has started, and leaves no file',
    async () => {
      const folder = temporaryFolder();
      const started = run(folder, 'keys', ...small);
      await new Promise<void>((done) => {
        started.child.stdout?.on('data', () => started.output().includes('200 keys') && done());
      });
      const pids = started.descendants().map(({ pid }) => pid);
      expect(pids.length).toBeGreaterThan(3);
      started.child.kill('SIGINT');
      expect(await started.ended).toBe(130);
      await gone(pids);
      expect(readdirSync(folder)).toEqual([]);
    },
    patienceMs,
  );
});

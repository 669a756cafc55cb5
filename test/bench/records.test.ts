import { describe, expect, it } from '@jest/globals';
import { npmStart, temporaryFolder } from '../support/npm-start.ts';

// That a benchmark runs, not how fast anything is: speed is never a test.
const main = new URL('../../bench/main.ts', import.meta.url).pathname;

describe('npm run bench -- records', () => {
  it('prints what recording costs in Node, in PostgreSQL and on disk', async () => {
    const TMPDIR = temporaryFolder();
    const small = ['--seconds', '0.1', '--rounds', '1', '--rows', '2000'];
    const command: [string, ...string[]] = [process.execPath, main, 'records', ...small];
    const started = npmStart({ DATA_DIR: TMPDIR, TMPDIR }, command);
    expect([await started.ended, started.output()]).toEqual([0, started.output()]);
    const lines = started.output();
    for (const subject of ['handler', 'handler \\+ record', 'check'])
      expect(lines).toMatch(new RegExp(`^${subject} +\\d+ +[\\d.]+ +[\\d.]+ +\\d+$`, 'm'));
    expect(lines).toMatch(/^handler \+ record : handler +[\d.]+ \([\d.]+–[\d.]+\) /m);
    expect(lines).toMatch(/^record : whole check, in CPU of the API: -?[\d.]+$/m);
    for (const writers of ['1 process', '4 processes'])
      expect(lines).toMatch(new RegExp(`^${writers}: [\\d,]+ \\([\\d,]+–[\\d,]+\\)$`, 'm'));
    expect(lines).toMatch(/^\d+ bytes a record with its indexes, of 2,000 records$/m);
    expect(lines).toMatch(/^a day at 1,000 requests\/s: [\d.]+ GB$/m);
    expect(lines).toMatch(/^its counts, of 1,000 keys: [\d.]+ MB$/m);
  }, 120_000);
});

import { describe, expect, it } from '@jest/globals';
import { npmStart, temporaryFolder } from '../support/npm-start.ts';

// That a benchmark runs, not how fast anything is: speed is never a test.
const main = new URL('../../bench/main.ts', import.meta.url).pathname;

describe('npm run bench -- audit-export', () => {
  it('prints what both exports and the verification took', async () => {
    const TMPDIR = temporaryFolder();
    const command: [string, ...string[]] = [process.execPath, main, 'audit-export', '--rows', '200'];
    const started = npmStart({ DATA_DIR: TMPDIR, TMPDIR }, command);
    expect([await started.ended, started.output()]).toEqual([0, started.output()]);
    const lines = started.output();
    expect(lines).toMatch(/^200 entries, linked by the migration in [\d.]+ s$/m);
    // CSV has a line of headings; the export itself is no entry.
    expect(lines).toMatch(/^export as csv: 201 lines, \d+ MiB in [\d.]+ s; the API's peak \d+ MiB$/m);
    expect(lines).toMatch(/^export as jsonl: 200 lines, \d+ MiB in [\d.]+ s; the API's peak \d+ MiB$/m);
    expect(lines).toMatch(/^audit verify: [\d.]+ s; its peak \d+ MiB$/m);
  }, 60_000);
});

import { describe, expect, it } from '@jest/globals';
import { npmStart, temporaryFolder } from '../support/npm-start.ts';

// That a benchmark runs, not how fast anything is: speed is never a test.
const main = new URL('../../bench/main.ts', import.meta.url).pathname;

describe('npm run bench -- growth', () => {
  it('prints the latency of each tenth, and the sizes of the tables after it', async () => {
    const TMPDIR = temporaryFolder();
    const command: [string, ...string[]] = [process.execPath, main, 'growth', '--refreshes', '200'];
    const started = npmStart({ DATA_DIR: TMPDIR, TMPDIR }, command);
    expect([await started.ended, started.output()]).toEqual([0, started.output()]);
    const lines = started.output();
    expect(lines).toMatch(/^200 refreshes for 1,000 users, 32 at a time$/m);
    expect(lines.match(/^\d+ refreshes\/s, p50 [\d.]+ ms, p99 [\d.]+ ms$/gm)).toHaveLength(10);
    expect(lines).toMatch(
      /^after 200: refresh tokens 1200 rows \d+ kB, answers 200 rows \d+ kB, grants 1000 rows/m,
    );
  }, 60_000);
});

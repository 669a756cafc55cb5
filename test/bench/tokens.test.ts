import { describe, expect, it } from '@jest/globals';
import { npmStart, temporaryFolder } from '../support/npm-start.ts';

// That a benchmark runs, not how fast anything is: speed is never a test.
const main = new URL('../../bench/main.ts', import.meta.url).pathname;

describe('npm run bench -- tokens', () => {
  it('prints a line for each grant of each server, and what PostgreSQL is asked for each', async () => {
    const TMPDIR = temporaryFolder();
    const small = ['--seconds', '0.1', '--rounds', '1', '--no-peers'];
    const started = npmStart({ DATA_DIR: TMPDIR, TMPDIR }, [process.execPath, main, 'tokens', ...small]);
    expect([await started.ended, started.output()]).toEqual([0, started.output()]);
    const lines = started.output();
    for (const grant of ['code', 'refresh', 'client credentials']) {
      for (const server of ['keystile', 'oidc-provider in memory']) {
        expect(lines).toMatch(new RegExp(`^${grant}, ${server} +\\d+ +[\\d.]+ +[\\d.]+ +\\d+$`, 'm'));
      }
      expect(lines).toMatch(
        new RegExp(`^${grant}, keystile : ${grant}, oidc-provider in memory +[\\d.]+ \\(`, 'm'),
      );
      expect(lines).toMatch(new RegExp(`^${grant}: \\d+\\.\\d$`, 'm'));
    }
    expect(lines).toMatch(/^a signature alone: \d+ µs of CPU/m);
  }, 60_000);
});

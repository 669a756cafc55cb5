import { expect, it } from '@jest/globals';
import { npmStart, temporaryFolder } from '../support/npm-start.ts';

// That the benchmark runs, not what it finds: speed is never a test.
const main = new URL('../../bench/main.ts', import.meta.url).pathname;

it('npm run bench -- enumeration prints a line of times and one of ratios for each form', async () => {
  const TMPDIR = temporaryFolder();
  const small = ['--seconds', '0.5', '--rounds', '1'];
  const started = npmStart({ DATA_DIR: TMPDIR, TMPDIR }, [process.execPath, main, 'enumeration', ...small]);
  expect([await started.ended, started.output()]).toEqual([0, started.output()]);
  for (const form of ['sign-in', 'reset', 'sign-up']) {
    const times = new RegExp(`^${form}( +\\d+\\.\\d\\d){4} +\\d+ +\\d+\\.\\d \\(50 ± \\d+\\.\\d\\)$`, 'm');
    expect(started.output()).toMatch(times);
    expect(started.output()).toMatch(new RegExp(`^${form}( +(\\d+\\.\\d{3}|NaN) \\([^)]*\\)){3}$`, 'm'));
  }
}, 60_000);

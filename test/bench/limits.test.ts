import { describe, expect, it } from '@jest/globals';
import { npmStart, temporaryFolder } from '../support/npm-start.ts';
import { redisAvailable } from '../support/redis.ts';

// That a benchmark runs, not how fast anything is: speed is never a test.
const main = new URL('../../bench/main.ts', import.meta.url).pathname;

describe('npm run bench -- limits', () => {
  it('prints a line for each subject and each comparison', async () => {
    const folder = temporaryFolder();
    const small = ['--seconds', '0.1', '--rounds', '1'];
    const started = npmStart({ DATA_DIR: folder, TMPDIR: folder }, [
      process.execPath,
      main,
      'limits',
      ...small,
    ]);
    expect(await started.ended).toBe(0);
    const lines = started.output();
    const peers = ['express-rate-limit, rate-limit-redis', 'rate-limiter-flexible'];
    const onRedis = redisAvailable ? ['limits on Redis', ...peers] : [];
    for (const subject of ['handler', 'limits in memory', ...onRedis]) {
      expect(lines).toMatch(new RegExp(`^${subject} +\\d+ +[\\d.]+ +[\\d.]+ +\\d+$`, 'm'));
    }
    for (const peer of onRedis.slice(1)) {
      expect(lines).toMatch(new RegExp(`^limits on Redis : ${peer} +[\\d.]+ \\([\\d.]+–[\\d.]+\\)`, 'm'));
      expect(lines).toMatch(new RegExp(`limits on Redis : ${peer}: -?[\\d.]+ \\(`));
    }
  });
});

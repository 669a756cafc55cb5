import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it } from '@jest/globals';

const logger = new URL('./logger.ts', import.meta.url).href;

/** A process that logs a line and then does `more`. */
function logAndThen(more: string) {
  const program = `import { createLogger } from '${logger}'; const logger = createLogger('api', 'info'); logger.info('a line'); ${more}`;
  return spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

it('a line that was held is written when the process ends', async () => {
  const line: unknown = JSON.parse(await text(logAndThen('process.exit(0)').stdout));
  expect(line).toMatchObject({ level: 30, app: 'api', msg: 'a line' });
});

it('a line that was held is written when the process ends by an error', async () => {
  const child = logAndThen('queueMicrotask(() => { throw 1; });');
  expect(await text(child.stdout)).toContain('a line');
});

it('a process whose log nobody reads any more still ends', async () => {
  const child = logAndThen(
    'process.on("SIGTERM", () => { logger.info("the last"); process.exit(3); }); setInterval(() => {}, 1_000)',
  );
  await once(child.stdout, 'data');
  child.stdout.destroy();
  await once(child.stdout, 'close');
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([3, null]);
});

it('a single line is written while the process goes on', async () => {
  const child = logAndThen('setInterval(() => {}, 1_000)');
  const line = await new Promise((done) => child.stdout.once('data', done));
  expect(String(line)).toContain('a line');
  child.kill('SIGKILL');
});

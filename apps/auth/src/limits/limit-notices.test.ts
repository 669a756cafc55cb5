import { expect, it } from '@jest/globals';
import { MemoryStore } from 'express-rate-limit';
import { limitNotices } from './limit-notices.ts';

it('lets so many notices go to each, and more when the window has passed', async () => {
  const mayNotify = limitNotices(new MemoryStore(), { max: 2, seconds: 0.05 });
  const three = async (name: string) => [await mayNotify(name), await mayNotify(name), await mayNotify(name)];
  expect(await three('one')).toEqual([true, true, false]);
  expect(await three('two')).toEqual([true, true, false]);
  while (!(await mayNotify('one'))) await new Promise((done) => setTimeout(done, 5));
});

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWithRedis, startRedis } from '../support/redis.ts';
import { reportSchema } from '../support/take-many-report.ts';

const program = new URL('../support/take-many.ts', import.meta.url).pathname;
const processes: ChildProcess[] = [];
afterAll(() => {
  for (const child of processes) child.kill('SIGKILL');
});

/** Lets all processes take under one name, for `forMs`. */
const takeAtOnce = (order: { name: string; limit: number; seconds: number; forMs: number }) =>
  Promise.all(
    processes.map(async (child) => {
      const answer = once(child, 'message');
      child.send(order);
      return reportSchema.parse((await answer)[0]);
    }),
  );
const total = (counts: number[]) => counts.reduce((sum, count) => sum + count, 0);

describeWithRedis('eight processes on one Redis', () => {
  beforeAll(async () => {
    const { url } = await startRedis();
    for (let n = 0; n < 8; n++) processes.push(fork(program, [url]));
    await Promise.all(processes.map((child) => once(child, 'message')));
  });

  it('that take at once get what one would get, and not one request more', async () => {
    const reports = await takeAtOnce({ name: 'once', limit: 2_000, seconds: 60, forMs: 1_000 });
    expect(total(reports.map(({ allowed }) => allowed))).toBe(2_000);
    expect(total(reports.map(({ refused }) => refused))).toBeGreaterThan(0);
    expect(reports.filter(({ allowed }) => allowed > 0).length).toBeGreaterThan(1);
  });

  it('that take on end, over several windows, get no more than the limit and 1 %', async () => {
    const [limit, seconds] = [500, 1];
    const reports = await takeAtOnce({ name: 'on end', limit, seconds, forMs: 3_500 });
    const allowed = total(reports.map((report) => report.allowed));
    // By Redis' clock: how many windows fit between the first and the last request that was let through.
    const lastMs = Math.max(...reports.map((report) => report.lastMs));
    const firstMs = Math.min(...reports.map((report) => report.firstMs));
    const windows = (lastMs - firstMs) / 1000 / seconds;
    expect(windows).toBeGreaterThan(2);
    expect(allowed).toBeLessThanOrEqual(limit * windows * 1.01);
    expect(allowed).toBeGreaterThan(limit * windows * 0.8);
  });
});

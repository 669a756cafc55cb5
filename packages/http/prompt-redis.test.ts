import { Writable } from 'node:stream';
import { afterAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describeWithRedis, startRedis, type TestRedis } from '../../test/support/redis.ts';
import { until } from '../../test/support/until.ts';
import { connectRedis, type Redis } from './redis.ts';

const connections: Redis[] = [];
afterAll(() => Promise.all(connections.map((redis) => redis.close())));

async function connect(server: TestRedis) {
  const lines: string[] = [];
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    lines.push(JSON.parse(chunk.toString()).msg);
    done();
  };
  const metrics = new Registry();
  const redis = await connectRedis(server.url, pino(new Writable({ write })), { metrics });
  connections.push(redis);
  const figure = async (name: string) => {
    const [value] = (await metrics.getSingleMetric(name)?.get())?.values ?? [];
    return value?.value;
  };
  return { redis, lines, up: () => figure('keystile_redis_up'), figure };
}

/** Tells whether 80 ms have passed, by the timers of this process, so that a busy machine makes nothing late. */
function lateness(): () => boolean {
  let late = false;
  const tell = () => {
    late = true;
  };
  const secondHalf = () => setTimeout(() => setImmediate(() => setImmediate(tell)), 40);
  setTimeout(secondHalf, 40);
  return () => late;
}

const away = 'Redis does not answer: this process counts alone';
const back = 'Redis answers again: counts are shared';

/** What an operator, or fate, does to a Redis, and what ends it. */
const faults: [name: string, begin: (server: TestRedis) => unknown, end: (server: TestRedis) => unknown][] = [
  ['killed', (server) => server.kill(), (server) => startRedis(server.port)],
  ['stopped', (server) => server.freeze(), (server) => server.resume()],
  ['paused', (server) => server.command('client', 'pause', '2000', 'all'), () => {}],
  [
    'full',
    (server) => server.command('config', 'set', 'maxmemory', '1'),
    (server) => server.command('config', 'set', 'maxmemory', '0'),
  ],
  [
    'a replica that only reads',
    (server) => server.command('replicaof', '127.0.0.1', '1'),
    (server) => server.command('replicaof', 'no', 'one'),
  ],
];

describeWithRedis('a Redis that is', () => {
  describe.each(faults)('%s', (_name, begin, end) => {
    it('keeps nobody waiting, is told once in the log and in the metric, and is used again when it is back', async () => {
      const server = await startRedis();
      const { redis, lines, up, figure } = await connect(server);
      const write = () => redis.command('a', 'INCR', 'a');
      expect([await write(), await up()]).toEqual([1, 1]);

      await begin(server);
      const late = lateness();
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, write));
      expect(late()).toBe(false);
      expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => 'rejected'));
      expect([lines, await up()]).toEqual([[away], 0]);
      expect(await figure('keystile_redis_unanswered_total')).toBe(20);

      // For as long as it is away, which two probes look at, nobody waits at all.
      const endsAt = performance.now() + 600;
      const refusals: string[] = [];
      while (performance.now() < endsAt) {
        await write().catch(({ message }) => refusals.push(message));
        await new Promise((done) => setImmediate(done));
      }
      expect(new Set(refusals)).toEqual(new Set(['Redis is away']));
      expect(refusals.length).toBeGreaterThan(100);
      expect([lines, await up()]).toEqual([[away], 0]);

      await end(server);
      await until(async () => (await up()) === 1);
      expect(await write()).toEqual(expect.any(Number));
      expect(lines).toEqual([away, back]);
    });
  });
});

describeWithRedis('without a request', () => {
  it('a loss of Redis shows all the same', async () => {
    const server = await startRedis();
    const { lines, up } = await connect(server);
    await server.kill();
    await until(async () => (await up()) === 0);
    expect(lines).toEqual([away]);
  });
});

describeWithRedis('an answer that is an error', () => {
  it('of a script that Redis has forgotten is no loss of Redis', async () => {
    const { redis, up } = await connect(await startRedis());
    await expect(redis.command('a', 'EVALSHA', '0'.repeat(40), '1', 'a')).rejects.toThrow(/^NOSCRIPT/);
    expect(await up()).toBe(1);
  });
});

import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { connectRedis, createLogger, type Redis } from '#http';
import { describeWithRedis, startRedis } from '../../../../test/support/redis.ts';
import { memoryLimiter } from './memory-limiter.ts';
import { redisLimiter } from './redis-limiter.ts';

const logger = createLogger('api', 'silent');
const minuteAndHour = [
  { name: 'minute', limit: 60, seconds: 60 },
  { name: 'hour', limit: 1_000, seconds: 3_600 },
];

describe('in memory', () => {
  it('lets through what the windows hold, and after Retry-After one more', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.nat(59_999),
        fc.nat(90_000),
        async (limit, start, gap) => {
          let nowMs = 1_800_000_000_000 + start;
          const limiter = memoryLimiter(() => nowMs);
          const windows = [{ name: 'minute', limit, seconds: 60 }];
          for (let n = 0; n < limit; n++) expect((await limiter.take('a', windows)).allowed).toBe(true);
          const refused = await limiter.take('a', windows);
          expect(refused.allowed).toBe(false);

          nowMs += refused.retryAfterSeconds * 1000;
          expect((await limiter.take('a', windows)).allowed).toBe(true);
          nowMs += gap;
          const later = await limiter.take('a', windows);
          if (!later.allowed) {
            nowMs += later.retryAfterSeconds * 1000;
            expect((await limiter.take('a', windows)).allowed).toBe(true);
          }
        },
      ),
    );
  });

  it('never lets more than the limit through in a period', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5_000), { minLength: 50, maxLength: 200 }), async (gaps) => {
        let nowMs = 1_800_000_000_000;
        const limiter = memoryLimiter(() => nowMs);
        const windows = [{ name: 'minute', limit: 10, seconds: 60 }];
        const allowed: number[] = [];
        for (const gap of gaps) {
          nowMs += gap;
          if ((await limiter.take('a', windows)).allowed) allowed.push(nowMs);
        }
        const periods = Map.groupBy(allowed, (at) => Math.floor(at / 60_000));
        for (const within of periods.values()) expect(within.length).toBeLessThanOrEqual(10);
      }),
    );
  });

  it('charges no window when one of them refuses', async () => {
    let nowMs = 1_800_000_000_000;
    const limiter = memoryLimiter(() => nowMs);
    for (let n = 0; n < 60; n++) await limiter.take('a', minuteAndHour);
    for (let n = 0; n < 500; n++) expect((await limiter.take('a', minuteAndHour)).allowed).toBe(false);
    nowMs += 120_000;
    expect((await limiter.take('a', minuteAndHour)).windows[1]?.remaining).toBe(1_000 - 61);
  });

  it('forgets names whose windows have passed', async () => {
    let nowMs = 1_800_000_000_000;
    const limiter = memoryLimiter(() => nowMs);
    const windows = [{ name: 'minute', limit: 1, seconds: 60 }];
    for (let n = 0; n < 1_000; n++) await limiter.take(`name ${n}`, windows);
    nowMs += 121_000;
    expect((await limiter.take('name 0', windows)).allowed).toBe(true);
  });
});

describeWithRedis('on Redis', () => {
  const connections: Redis[] = [];
  const open = async (url: string) => {
    const redis = await connectRedis(url, logger);
    connections.push(redis);
    // Patient, so that a busy machine does not look like a Redis that is away.
    return redisLimiter(redis, logger, 5_000);
  };
  afterAll(() => Promise.all(connections.map((redis) => redis.close())));

  it('counts together what several processes take at once, and not one too many', async () => {
    const { url } = await startRedis();
    const processes = await Promise.all(Array.from({ length: 4 }, () => open(url)));
    const taken = await Promise.all(
      Array.from({ length: 200 }, (_, n) => processes[n % 4]?.take('a', minuteAndHour)),
    );
    expect(taken.filter((decision) => decision?.allowed)).toHaveLength(60);
    expect(taken.find((decision) => !decision?.allowed)).toMatchObject({
      retryAfterSeconds: expect.any(Number),
    });
  });

  it('decides as memory does', async () => {
    const limiter = await open((await startRedis()).url);
    const first = await limiter.take('b', minuteAndHour);
    const same = await memoryLimiter(() => first.nowMs).take('b', minuteAndHour);
    expect(first).toEqual(same);
  });

  it('leaves nothing on Redis for longer than it can count', async () => {
    const { url } = await startRedis();
    const limiter = await open(url);
    const redis = await connectRedis(url, logger);
    connections.push(redis);
    for (let n = 0; n < 3; n++) await limiter.take('d', minuteAndHour);
    const milliseconds = Number(await redis.command('PTTL', 'keystile:limit:d'));
    expect(milliseconds).toBeGreaterThan(3_600_000);
    expect(milliseconds).toBeLessThanOrEqual(7_200_000);
  });

  it('goes on alone when Redis is killed, and together again when it is back', async () => {
    const server = await startRedis();
    const limiter = await open(server.url);
    const windows = [{ name: 'minute', limit: 1_000, seconds: 60 }];
    expect((await limiter.take('c', windows)).windows[0]?.remaining).toBe(999);
    await server.kill();
    expect((await limiter.take('c', windows)).allowed).toBe(true);

    const again = await startRedis(server.port);
    await until(async () => {
      expect((await limiter.take('c', windows)).allowed).toBe(true);
      return again.keys().includes('keystile:limit:c');
    });
  });
});

it('an unreachable Redis at the start is an error of one line', async () => {
  await expect(connectRedis('redis://127.0.0.1:1', logger)).rejects.toThrow(
    /^REDIS_URL can't be reached: .+$/,
  );
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not come true within 10 seconds');
    await new Promise((done) => setTimeout(done, 50));
  }
}

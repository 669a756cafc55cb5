import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { connectRedis, createLogger, type Redis } from '#http';
import { limiterModel } from '../../../../test/support/limiter-model.ts';
import { describeWithRedis, redisAvailable, startRedis } from '../../../../test/support/redis.ts';
import { until } from '../../../../test/support/until.ts';
import type { Limiter } from './limiter.ts';
import { memoryLimiter } from './memory-limiter.ts';
import { redisLimiter } from './redis-limiter.ts';

const logger = createLogger('api', 'silent');
const minuteAndHour = [
  { name: 'minute', limit: 60, seconds: 60 },
  { name: 'hour', limit: 1_000, seconds: 3_600 },
];
const startMs = 1_800_000_000_000;
const connections: Redis[] = [];
afterAll(() => Promise.all(connections.map((redis) => redis.close())));

// Patient, so that a busy machine does not look like a Redis that is away.
async function connect(url: string, answerWithinMs = 5_000): Promise<Redis> {
  const redis = await connectRedis(url, logger, { answerWithinMs });
  connections.push(redis);
  return redis;
}

const shared = redisAvailable ? await connect((await startRedis()).url) : null;
let names = 0;

/** The places where requests are counted, each by a clock of the test's. */
const places: [name: string, limiterAt: (now: () => number) => Limiter][] = [['in memory', memoryLimiter]];
if (shared) places.push(['on Redis', (now) => redisLimiter(shared, now)]);

describe.each(places)('%s', (_place, limiterAt) => {
  // Windows that are often full, often past and of odd lengths; gaps from nothing to several of them.
  const window = fc.record({
    name: fc.constant('any'),
    limit: fc.integer({ min: 1, max: 8 }),
    seconds: fc.constantFrom(1, 7, 60, 3_600),
  });
  const windowsOfOne = fc.uniqueArray(window, {
    minLength: 1,
    maxLength: 3,
    selector: ({ seconds }) => seconds,
  });
  const gapMs = fc.oneof(fc.constant(0), fc.nat(900), fc.nat(90_000), fc.nat(9_000_000));
  const step = fc.record({ verb: fc.constantFrom('take', 'take', 'take', 'peek'), name: fc.nat(1), gapMs });

  it('decides as the model does: all windows or none, whatever comes, whenever, for whom', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(windowsOfOne, { minLength: 1, maxLength: 2 }),
        fc.array(step, { minLength: 1, maxLength: 40 }),
        async (plans, steps) => {
          let nowMs = startMs;
          const limiter = limiterAt(() => nowMs);
          const model = limiterModel();
          const run = names++;
          for (const [at, { verb, name, gapMs }] of steps.entries()) {
            nowMs += gapMs;
            // A plan that changes on the way, too.
            const windows = plans[at % plans.length] ?? [];
            const decision = await limiter[verb === 'peek' ? 'peek' : 'take'](`${run}:${name}`, windows);
            expect(decision.nowMs).toBe(nowMs);
            const expected = model(verb === 'take', String(name), windows, nowMs);
            expect(decision.allowed).toBe(expected.allowed);
            expect(decision.windows.map(({ remaining }) => remaining)).toEqual(expected.remaining);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('lets through what the window holds, and after Retry-After one more, but not before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.nat(59_999),
        fc.nat(90_000),
        async (limit, start, gap) => {
          let nowMs = startMs + start;
          const limiter = limiterAt(() => nowMs);
          const windows = [{ name: 'minute', limit, seconds: 60 }];
          const name = `after ${names++}`;
          const take = () => limiter.take(name, windows);
          const untilAllowed = async () => {
            const refused = await take();
            if (refused.allowed) return;
            expect(refused.windows[0]?.resetSeconds).toBe(refused.retryAfterSeconds);
            nowMs += refused.retryAfterSeconds * 1000 - 1_000;
            expect((await limiter.peek(name, windows)).allowed).toBe(false);
            nowMs += 1_000;
            expect((await take()).allowed).toBe(true);
          };
          for (let n = 0; n < limit; n++) expect((await take()).allowed).toBe(true);
          expect((await take()).allowed).toBe(false);
          await untilAllowed();
          nowMs += gap;
          await untilAllowed();
        },
      ),
      // Where a wait is a whole number of seconds, and a rounding would make it one more.
      {
        numRuns: 60,
        examples: [
          [3, 0, 0],
          [15, 0, 0],
          [24, 0, 0],
        ],
      },
    );
  });

  it('after a pause lets no more than the limit through in any window, wherever its edges are', async () => {
    let nowMs = startMs + 59_900;
    const limiter = limiterAt(() => nowMs);
    const windows = [{ name: 'minute', limit: 10, seconds: 60 }];
    const name = `edge ${names++}`;
    const allowed: number[] = [];
    for (; nowMs < startMs + 400_000; nowMs += 500) {
      if ((await limiter.take(name, windows)).allowed) allowed.push(nowMs);
    }
    for (const from of allowed) {
      const within = allowed.filter((at) => at >= from && at < from + 60_000);
      expect(within.length).toBeLessThanOrEqual(10);
    }
    expect(allowed.length).toBeGreaterThan(50);
  });

  it.each([1, 2, 3, 7])(
    'lets all of %d a minute through, and no more, to who asks all the time',
    async (limit) => {
      let nowMs = startMs;
      const limiter = limiterAt(() => nowMs);
      const windows = [{ name: 'minute', limit, seconds: 60 }];
      const name = `steady ${names++}`;
      const allowed: number[] = [];
      for (; nowMs < startMs + 600_000; nowMs += 500) {
        if ((await limiter.take(name, windows)).allowed) allowed.push(nowMs);
      }
      expect(allowed).toHaveLength(10 * limit);
      for (const from of allowed) {
        const within = allowed.filter((at) => at >= from && at < from + 60_000);
        expect(within.length).toBeLessThanOrEqual(limit);
      }
    },
  );

  it('charges no window when one of them refuses', async () => {
    let nowMs = startMs;
    const limiter = limiterAt(() => nowMs);
    const name = `charge ${names++}`;
    for (let n = 0; n < 60; n++) await limiter.take(name, minuteAndHour);
    for (let n = 0; n < 500; n++) expect((await limiter.take(name, minuteAndHour)).allowed).toBe(false);
    nowMs += 120_000;
    expect((await limiter.take(name, minuteAndHour)).windows[1]?.remaining).toBe(1_000 - 61);
  });
});

describe('in memory', () => {
  const windows = [{ name: 'minute', limit: 1, seconds: 60 }];

  it('names whose windows have passed are forgotten, and no others', async () => {
    let nowMs = startMs;
    const limiter = memoryLimiter(() => nowMs);
    for (let n = 0; n < 1_000; n++) await limiter.take(`name ${n}`, windows);
    nowMs += 119_000;
    await limiter.take('last', windows);
    expect(limiter.names()).toBe(1_001);
    nowMs += 1_000;
    await limiter.take('one more', windows);
    expect(limiter.names()).toBe(2);
  });

  it('there are 100,000 names at most, and the one unused longest is forgotten first', async () => {
    const limiter = memoryLimiter(() => startMs);
    const twice = [{ name: 'minute', limit: 2, seconds: 60 }];
    for (let n = 0; n < 100_000; n++) await limiter.take(`name ${n}`, twice);
    await limiter.take('name 0', twice);
    expect(limiter.names()).toBe(100_000);
    await limiter.take('one more', twice);
    expect(limiter.names()).toBe(100_000);
    const remaining = async (name: string) => (await limiter.peek(name, twice)).windows[0]?.remaining;
    expect(await Promise.all(['name 0', 'name 1', 'name 2'].map(remaining))).toEqual([0, 1, 0]);
  });
});

describeWithRedis('on one Redis', () => {
  it('a request is one command, whatever the number of windows', async () => {
    const server = await startRedis();
    const limiter = redisLimiter(await connect(server.url));
    await limiter.take('warm', minuteAndHour);
    const before = server.calls('evalsha');
    for (let n = 0; n < 10; n++) await limiter.take('a', minuteAndHour);
    expect(server.calls('evalsha') - before).toBe(10);
    expect(server.calls('eval')).toBe(1);
  });

  it('time is Redis’ own, so that processes with wrong clocks agree', async () => {
    const limiter = redisLimiter(await connect((await startRedis()).url));
    const { nowMs } = await limiter.take('a', minuteAndHour);
    expect(Math.abs(nowMs - Date.now())).toBeLessThan(5_000);
  });

  it('counts live for two of the longest window, as the period before the current one counts, too', async () => {
    const server = await startRedis();
    const limiter = redisLimiter(await connect(server.url));
    const windows = [
      { name: 'hour', limit: 2, seconds: 3_600 },
      { name: 'minute', limit: 2, seconds: 60 },
    ];
    await limiter.take('b', windows);
    const livesForMs = Number(server.command('pttl', 'keystile:limit:{b}'));
    expect(livesForMs).toBeLessThanOrEqual(7_200_000);
    expect(livesForMs).toBeGreaterThan(7_200_000 - 60_000);
    // A shorter window doesn't shorten it.
    await limiter.take('b', [{ name: 'second', limit: 2, seconds: 1 }]);
    expect(Number(server.command('pttl', 'keystile:limit:{b}'))).toBeGreaterThan(7_200_000 - 120_000);
  });

  it('counts are gone when nothing can ask for them any more', async () => {
    const server = await startRedis();
    const limiter = redisLimiter(await connect(server.url));
    await limiter.take('a', [{ name: 'second', limit: 1, seconds: 1 }]);
    expect(server.keys()).toContain('keystile:limit:{a}');
    await until(async () => !server.keys().includes('keystile:limit:{a}'));
  });

  it('goes on alone when Redis is killed, and together again when it is back', async () => {
    const server = await startRedis();
    const limiter = redisLimiter(await connect(server.url));
    const windows = [{ name: 'minute', limit: 1_000, seconds: 60 }];
    expect((await limiter.take('c', windows)).windows[0]?.remaining).toBe(999);
    await server.kill();
    expect((await limiter.take('c', windows)).allowed).toBe(true);

    const again = await startRedis(server.port);
    await until(async () => {
      expect((await limiter.take('c', windows)).allowed).toBe(true);
      return again.keys().includes('keystile:limit:{c}');
    });
  });
});

it('an unreachable Redis at the start is an error of one line', async () => {
  for (const url of ['redis://127.0.0.1:1', 'redis://127.0.0.1:1,redis://127.0.0.1:2']) {
    await expect(connectRedis(url, logger)).rejects.toThrow(/^REDIS_URL can't be reached: .+$/);
  }
});

import { z } from 'zod';
import { connectRedis, createLogger } from '#http';
import { redisLimiter } from '../../apps/api/src/limits/redis-limiter.ts';

// A process that, when it is told to, takes as much as it gets under one name, at once and over and over.
const order = z.object({ name: z.string(), limit: z.number(), seconds: z.number(), forMs: z.number() });

// Patient, so that a busy machine does not look like a Redis that is away.
const redis = await connectRedis(process.argv[2] ?? '', createLogger('test', 'silent'), {
  answerWithinMs: 20_000,
});
const limiter = redisLimiter(redis);

process.on('message', async (message) => {
  const { name, limit, seconds, forMs } = order.parse(message);
  const windows = [
    { name: 'short', limit, seconds },
    { name: 'hour', limit: 1_000_000, seconds: 3_600 },
  ];
  const report = { allowed: 0, refused: 0, firstMs: Number.MAX_VALUE, lastMs: 0 };
  const until = Date.now() + forMs;
  while (Date.now() < until) {
    const decisions = await Promise.all(Array.from({ length: 25 }, () => limiter.take(name, windows)));
    for (const { allowed, nowMs } of decisions) {
      if (allowed) report.lastMs = nowMs;
      if (allowed) report.firstMs = Math.min(report.firstMs, nowMs);
      report[allowed ? 'allowed' : 'refused']++;
    }
  }
  process.send?.(report);
});
process.once('disconnect', () => process.exit());
process.send?.('ready');

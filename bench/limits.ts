import { alternate, type Subject } from './harness/alternate.ts';
import type { Bench } from './harness/bench.ts';
import { addedRatio, type Comparison, ratioTable, subjectTable } from './harness/report.ts';
import { startRedis } from './harness/start-redis.ts';
import { startServer } from './harness/start-server.ts';

/** What two windows cost around a handler: ours in memory and on Redis, and two libraries on the same Redis. */
export async function limits(bench: Bench): Promise<void> {
  const { options, say } = bench;
  const redisUrl = await startRedis(bench);
  if (redisUrl === null) say('redis-server is not on the PATH: only what counts in memory is measured');
  const headers = Array.from({ length: 320 }, (_, n) => ({ 'x-key': `caller-${n}` }));
  const start = async (name: string, kind: string): Promise<Subject> => {
    const env = { LIMITS: kind, ...(redisUrl !== null && { REDIS_URL: redisUrl }) };
    return { name, server: await startServer(bench, 'servers/limits.ts', env), path: '/', headers };
  };

  const handler = await start('handler', 'none');
  const memory = await start('limits in memory', 'memory');
  const subjects = [handler, memory];
  const comparisons: Comparison[] = [{ of: memory, to: handler }];
  if (redisUrl !== null) {
    const redis = await start('limits on Redis', 'redis');
    subjects.push(redis);
    comparisons.push({ of: redis, to: handler });
    if (options.peers) {
      const express = await start('express-rate-limit, rate-limit-redis', 'express-rate-limit');
      const flexible = await start('rate-limiter-flexible', 'rate-limiter-flexible');
      subjects.push(express, flexible);
      comparisons.push({ of: redis, to: express, aim: 'at least 2.00' }, { of: redis, to: flexible });
    }
  }

  const samples = await alternate(bench, subjects);
  say(
    `medians of ${options.rounds} rounds of ${options.seconds} s in turns, 32 connections; a minute and an hour`,
  );
  say();
  for (const line of subjectTable(samples)) say(line);
  say();
  say('ratios within a round: median (least–most)');
  say();
  for (const line of ratioTable(samples, comparisons)) say(line);
  for (const comparison of comparisons.filter(({ to }) => to !== handler)) {
    const { of, to } = comparison;
    say(
      `CPU that is added to the handler, ${of.name} : ${to.name}: ${addedRatio(samples, comparison, handler)}`,
    );
  }
}

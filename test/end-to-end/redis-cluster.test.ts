import { afterAll, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { connectRedis, createLogger, type Redis } from '#http';
import { memoryLimiter } from '../../apps/api/src/limits/memory-limiter.ts';
import { redisLimiter } from '../../apps/api/src/limits/redis-limiter.ts';
import { call } from '../support/call.ts';
import { describeWithRedis, redisAvailable } from '../support/redis.ts';
import { startRedisCluster } from '../support/redis-cluster.ts';
import { startAuth } from '../support/start-auth.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const cluster = redisAvailable ? await startRedisCluster() : null;
const logger = createLogger('test', 'silent');
const connections: Redis[] = cluster
  ? await Promise.all([1, 2].map(() => connectRedis(cluster.url, logger, { answerWithinMs: 5_000 })))
  : [];
afterAll(() => Promise.all(connections.map((redis) => redis.close())));

const clientLimits = { requestsPerMinute: 3, failuresPerFiveMinutes: 100 };
const servers = await Promise.all(
  connections.map((redis) =>
    startAuth({
      db,
      product,
      apiUrl: 'https://api.example.com',
      redis,
      clientLimits,
      trustedProxies: ['127.0.0.1'],
    }),
  ),
);
const keysOf = (index: number) =>
  cluster?.nodes[index]?.keys().filter((key) => /^keystile:(limit|client)/.test(key)) ?? [];

describeWithRedis('on a Redis Cluster of three nodes', () => {
  const windows = [
    { name: 'second', limit: 100, seconds: 1 },
    { name: 'hour', limit: 5, seconds: 3_600 },
  ];

  it('callers are spread over all nodes, and each is counted right by all processes', async () => {
    const limiters = connections.map((redis) => redisLimiter(redis));
    for (let caller = 0; caller < 30; caller++) {
      const takes = Array.from({ length: 8 }, (_, n) => limiters[n % 2]?.take(`key:${caller}`, windows));
      const allowed = (await Promise.all(takes)).filter((decision) => decision?.allowed);
      expect(allowed).toHaveLength(5);
    }
    for (const node of [0, 1, 2]) expect(keysOf(node).length).toBeGreaterThan(3);
  });

  it('what express-rate-limit counts by address is, too', async () => {
    const before = [0, 1, 2].map((node) => keysOf(node).length);
    for (let address = 1; address <= 12; address++) {
      const headers = { 'X-Forwarded-For': `192.0.2.${address}` };
      const statuses: number[] = [];
      for (let n = 0; n < 4; n++) {
        const url = `${servers[n % 2]?.url}/oauth/token`;
        statuses.push((await call(url, { method: 'POST', headers })).status);
      }
      expect(statuses).toEqual([400, 400, 400, 429]);
    }
    for (const node of [0, 1, 2]) expect(keysOf(node).length).toBeGreaterThan(before[node] ?? 0);
  });

  it('one node that answers is enough to find the others', async () => {
    const [, second] = cluster?.nodes ?? [];
    const urls = `redis://127.0.0.1:1,${second?.url}`;
    const redis = await connectRedis(urls, logger, { answerWithinMs: 5_000 });
    connections.push(redis);
    for (const key of ['a', 'b', 'c', 'd']) expect(await redis.command(key, 'SET', key, '1')).toBe('OK');
  });

  it('when a node is lost no request fails, and its callers are counted by each process alone', async () => {
    const [redis] = connections;
    const limiter = redis ? redisLimiter(redis) : memoryLimiter();
    await cluster?.nodes[2]?.kill();
    const take = async (caller: number) => (await limiter.take(`key:${caller}`, windows)).allowed;
    await until(async () => {
      // All have used up what they had in the cluster.
      const again = await Promise.all(Array.from({ length: 30 }, (_, caller) => take(caller)));
      return again.some((allowed) => allowed);
    });
  });

  it('a process does not start on a part of the cluster, and says so in one line', async () => {
    const started = connectRedis(cluster?.url ?? '', logger);
    await expect(started).rejects.toThrow(/^REDIS_URL can't be reached: .+$/);
  });
});

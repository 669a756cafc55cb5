import { afterAll, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { loadProduct } from '#catalog';
import { connectRedis, createLogger } from '#http';
import { memoryLimiter } from '../../apps/api/src/limits/memory-limiter.ts';
import { redisLimiter } from '../../apps/api/src/limits/redis-limiter.ts';
import { callAs } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { describeWithRedis, redisAvailable, startRedis } from '../support/redis.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { id } = await createOrganization(db, product);
const { key } = await createKey(db, product, id, ['devices:read']);

const server = redisAvailable ? await startRedis() : null;
const metrics = new Registry();
const redis = server && (await connectRedis(server.url, createLogger('api', 'silent'), { metrics }));
const { origin } = await startApi({ db, product, limiter: redis ? redisLimiter(redis) : memoryLimiter() });
afterAll(() => redis?.close());

async function figure(name: 'up' | 'unanswered_total'): Promise<number> {
  const [value] = (await metrics.getSingleMetric(`keystile_redis_${name}`)?.get())?.values ?? [];
  return value?.value ?? 0;
}

// A request waits for a command at most as long as one may take. Two of them would double that.
describeWithRedis('with a Redis that is frozen', () => {
  it.each([
    ['a good request', 200, 'GET', '/v1/devices', key],
    ['one without the scope', 403, 'GET', '/v1/api-keys', key],
    ['one of nobody', 401, 'GET', '/v1/devices', 'nobody'],
    ['one to nothing', 404, 'GET', '/nothing', key],
    ['one to an open route', 400, 'POST', '/v1/leaked-keys', key],
  ])(
    '%s asks it once, and from the next one on nothing is sent',
    async (_which, status, method, path, credential) => {
      if (!server) throw new Error('there is no Redis');
      const ask = async () => (await callAs(credential, origin + path, { method })).status;
      // What knows the script answers the next time by one command.
      expect(await ask()).toBe(status);
      const [sent, unanswered] = [server.calls('evalsha'), await figure('unanswered_total')];

      server.freeze();
      expect([await ask(), await ask(), await ask()]).toEqual([status, status, status]);
      expect(await figure('unanswered_total')).toBe(unanswered + 3);
      expect(await figure('up')).toBe(0);

      // What was sent meanwhile stands in the socket, and is carried out now.
      server.resume();
      await until(async () => (await figure('up')) === 1);
      expect(server.calls('evalsha') - sent).toBeLessThanOrEqual(1);
    },
  );
});

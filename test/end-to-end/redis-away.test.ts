import { createInterface } from 'node:readline';
import { describe, expect, it } from '@jest/globals';
import autocannon from 'autocannon';
import { loadProduct } from '#catalog';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { call, callAs } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { describeWithRedis, redisAvailable, startRedis, type TestRedis } from '../support/redis.ts';
import { appProcesses } from '../support/start-app.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';

// Two API processes under load, and what a Redis can suffer meanwhile.
const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const startApp = appProcesses();
let server = redisAvailable ? await startRedis() : null;
const processes = server ? await Promise.all([startProcess(server), startProcess(server)]) : [];

async function startProcess(redis: TestRedis) {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${port}`;
  const child = await startApp('api', {
    DATABASE_URL: db.url,
    REDIS_URL: redis.url,
    API_URL: origin,
    AUTH_URL: 'http://127.0.0.1:1',
    ENCRYPTION_KEY: '0'.repeat(64),
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
  });
  const lines: string[] = [];
  // All is read, for a process whose log nobody reads stops.
  createInterface({ input: child.stdout ?? process.stdin }).on('line', (line) => {
    if (/Redis/.test(line)) lines.push(JSON.parse(line).msg);
  });
  const figure = async (name: string) => {
    const { body } = await call(`http://127.0.0.1:${metricsPort}/metrics`);
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(String(body))?.[1]);
  };
  return { url: `${origin}${product.basePath}/devices`, origin, metricsPort, lines, figure };
}

const keyWith = async (limit: number) => {
  const windows = [{ name: 'hour', limit, seconds: 3_600 }];
  const { id } = await createOrganization(db, product, { plan: 'custom', windows });
  return (await createKey(db, product, id, ['devices:read'])).key;
};

/** Sends requests to all processes until it is told to stop, which tells what came back. */
async function load() {
  const key = await keyWith(10_000_000);
  const latenciesMs: number[] = [];
  const runs = processes.map(({ url }) => {
    const options = { url, connections: 5, duration: 60, headers: { authorization: `Bearer ${key}` } };
    let run: autocannon.Instance | undefined;
    const ended = new Promise<autocannon.Result>((done, fail) => {
      run = autocannon(options, (error, result) => (error ? fail(error) : done(result)));
      run.on('response', (_client, _status, _bytes, latencyMs) => latenciesMs.push(latencyMs));
    });
    return { stop: () => run?.stop(), ended };
  });
  await until(() => latenciesMs.length > 200);
  return async () => {
    for (const run of runs) run.stop();
    const results = await Promise.all(runs.map(({ ended }) => ended));
    const failed = results.map(({ non2xx, errors, timeouts }) => non2xx + errors + timeouts);
    return { failed, slowestMs: Math.max(...latenciesMs) };
  };
}

const statusesOf = async (url: string, key: string, count: number) => {
  const statuses: number[] = [];
  for (let n = 0; n < count; n++) statuses.push((await callAs(key, url)).status);
  return statuses;
};

const faults: [name: string, begin: (redis: TestRedis) => unknown, end: (redis: TestRedis) => unknown][] = [
  [
    'killed',
    (redis) => redis.kill(),
    async (redis) => {
      server = await startRedis(redis.port);
    },
  ],
  ['stopped', (redis) => redis.freeze(), (redis) => redis.resume()],
  ['slow', (redis) => redis.command('client', 'pause', '5000', 'all'), () => {}],
];

describeWithRedis('under load, with a Redis that is', () => {
  it.each(faults)(
    '%s, no request fails, each process counts alone and says so, and together again after',
    async (_name, begin, end) => {
      if (!server) throw new Error('there is no Redis');
      const up = () => Promise.all(processes.map(({ figure }) => figure('keystile_redis_up')));
      await until(async () => (await up()).every((value) => value === 1));
      for (const { lines } of processes) lines.length = 0;
      const stop = await load();

      await begin(server);
      await until(async () => (await up()).every((value) => value === 0));
      const alone = await keyWith(3);
      for (const { url } of processes) {
        expect(await statusesOf(url, alone, 4)).toEqual([200, 200, 200, 429]);
      }
      await end(server);
      await until(async () => (await up()).every((value) => value === 1));
      const { failed, slowestMs } = await stop();
      expect(failed).toEqual([0, 0]);
      // Far less than the fault lasted, and more than a busy machine takes.
      expect(slowestMs).toBeLessThan(1_500);

      // A new caller a try: on a busy machine one of the answers may be late, and its process counts alone for a moment.
      await until(async () => {
        const together = await keyWith(3);
        const [one, other] = processes.map(({ url }) => url);
        const statuses = [
          ...(await statusesOf(one ?? '', together, 2)),
          ...(await statusesOf(other ?? '', together, 2)),
        ];
        return String(statuses) === '200,200,200,429';
      });
      await until(() =>
        processes.every(({ lines }) => lines.at(-1) === 'Redis answers again: counts are shared'),
      );
      for (const { lines } of processes) {
        expect(lines.at(0)).toBe('Redis does not answer: this process counts alone');
        // Not a line a request; a second pair is left to a machine that is busy elsewhere.
        expect(lines.length).toBeLessThanOrEqual(4);
      }
    },
  );
});

describe('metrics', () => {
  it('are on a port of their own, and not where the public comes', async () => {
    for (const { origin, metricsPort } of processes) {
      expect((await call(`${origin}/metrics`)).status).toBe(404);
      expect((await call(`http://127.0.0.1:${metricsPort}/nothing`)).status).toBe(404);
      const { headers, body } = await call(`http://127.0.0.1:${metricsPort}/metrics`);
      expect(headers.get('content-type')).toMatch(/^text\/plain/);
      expect(body).toMatch(/^keystile_process_cpu_seconds_total /m);
    }
  });
});

import { describe, expect, it } from '@jest/globals';
import { connectRedis, createLogger } from '#http';
import { call } from '../support/call.ts';
import { describeWithRedis, startRedis } from '../support/redis.ts';
import { startAuth } from '../support/start-auth.ts';
import { apiUrl, createSetting, product } from './fixtures.ts';

const setting = await createSetting();
const { db } = setting;
const client = await setting.client();
const trustedProxies = ['127.0.0.1'];
const plenty = { requestsPerMinute: 1_000, failuresPerFiveMinutes: 1_000 };

/** A request of the client, with its own secret or another. */
const ask = (
  authUrl: string,
  address: string,
  { secret = client.secret ?? '', path = '/oauth/token' } = {},
) =>
  call(authUrl + path, {
    method: 'POST',
    headers: { 'X-Forwarded-For': address },
    body: new URLSearchParams({
      client_id: client.id,
      client_secret: secret,
      grant_type: 'refresh_token',
      refresh_token: 'x',
      token: 'x',
    }),
  });

async function statusesOf(count: number, send: (n: number) => Promise<{ status: number }>) {
  const statuses: number[] = [];
  for (let n = 0; n < count; n++) statuses.push((await send(n)).status);
  return statuses;
}

describe('the token endpoint', () => {
  it('takes so many requests a minute from one address, and says when the next', async () => {
    const auth = await startAuth({
      db,
      product,
      apiUrl,
      trustedProxies,
      clientLimits: { ...plenty, requestsPerMinute: 3 },
    });
    expect(await statusesOf(3, () => ask(auth.url, '192.0.2.1'))).toEqual([400, 400, 400]);
    const refused = await ask(auth.url, '192.0.2.1');
    expect(refused.status).toBe(429);
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(refused.headers.get('cache-control')).toBe('no-store');
    expect(refused.body).toEqual({
      error: 'temporarily_unavailable',
      error_description: `Too many requests. Wait ${seconds} seconds, then try again`,
      error_id: refused.headers.get('x-request-id'),
    });
    expect((await ask(auth.url, '192.0.2.2')).status).toBe(400);
  });

  it('counts an IPv6 /56 as one address, and believes no client about its own', async () => {
    const clientLimits = { ...plenty, requestsPerMinute: 2 };
    const auth = await startAuth({ db, product, apiUrl, trustedProxies, clientLimits });
    const from = ['2001:db8:1:200::1', '2001:db8:1:2ff:abcd::2', '2001:db8:1:201::3', '2001:db8:1:300::1'];
    expect(await statusesOf(4, (n) => ask(auth.url, from[n] ?? ''))).toEqual([400, 400, 429, 400]);
    const exposed = await startAuth({ db, product, apiUrl, clientLimits });
    expect(await statusesOf(3, (n) => ask(exposed.url, `192.0.2.${n}`))).toEqual([400, 400, 429]);
  });
});

describe('guessing a client’s secret', () => {
  const clientLimits = { ...plenty, failuresPerFiveMinutes: 4 };

  it('is stopped for the address, at each endpoint that takes one', async () => {
    const auth = await startAuth({ db, product, apiUrl, trustedProxies, clientLimits });
    const paths = ['/oauth/token', '/oauth/revoke', '/oauth/introspect', '/oauth/par'];
    const guess = (n: number) =>
      ask(auth.url, '192.0.2.1', { secret: `guess ${n}`, path: paths[n % 4] ?? '' });
    expect(await statusesOf(4, guess)).toEqual([401, 401, 401, 401]);
    for (const path of paths) {
      const stopped = await ask(auth.url, '192.0.2.1', { path });
      expect([path, stopped.status]).toEqual([path, 429]);
      expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(60);
    }
    expect((await ask(auth.url, '192.0.2.2')).status).toBe(400);
  });

  it('is not what a server with the right secret does, however many requests it has under way', async () => {
    const auth = await startAuth({ db, product, apiUrl, trustedProxies, clientLimits });
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(auth.url, '192.0.2.1')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]));
    expect((await ask(auth.url, '192.0.2.1')).status).toBe(400);
  });
});

describeWithRedis('counted on Redis', () => {
  it('by all processes together, by each alone while Redis is away', async () => {
    const server = await startRedis();
    const redis = await connectRedis(server.url, createLogger('test', 'silent'), { answerWithinMs: 5_000 });
    try {
      const clientLimits = { requestsPerMinute: 1_000, failuresPerFiveMinutes: 2 };
      const options = { db, product, apiUrl, trustedProxies, clientLimits, redis };
      const servers = [await startAuth(options), await startAuth(options)];
      const guess = (address: string) => (n: number) =>
        ask(servers[n % 2]?.url ?? '', address, { secret: 'guess' });
      expect(await statusesOf(4, guess('192.0.2.1'))).toEqual([401, 401, 429, 429]);
      expect(server.keys().filter((key) => key.startsWith('keystile:client-failures:'))).toHaveLength(1);
      await server.kill();
      expect(await statusesOf(6, guess('192.0.2.3'))).toEqual([401, 401, 401, 401, 429, 429]);
    } finally {
      await redis.close();
    }
  });
});

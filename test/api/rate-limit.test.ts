import { afterAll, describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { connectRedis, createLogger } from '#http';
import { redisLimiter } from '../../apps/api/src/limits/redis-limiter.ts';
import { call, callAs, field } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { describeWithRedis, redisAvailable, startRedis } from '../support/redis.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { url } = await startApi({ db, product, trustedProxies: ['127.0.0.1'] });
const logger = createLogger('api', 'silent');
const redis = redisAvailable ? await startRedis() : null;
const connections = redis
  ? await Promise.all([1, 2].map(() => connectRedis(redis.url, logger, { answerWithinMs: 5_000 })))
  : [];
const sharing = await Promise.all(
  connections.map((connection) => startApi({ db, product, limiter: redisLimiter(connection) })),
);
afterAll(() => Promise.all(connections.map((connection) => connection.close())));
const windows = [
  { name: 'minute', limit: 3, seconds: 60 },
  { name: 'hour', limit: 5, seconds: 3_600 },
];
const negotiated = async () => (await createOrganization(db, product, { plan: 'custom', windows })).id;

describe('a caller', () => {
  it('is counted by key, so that one key does not use up another’s', async () => {
    const organization = await negotiated();
    const [one, two] = [
      await createKey(db, product, organization, ['devices:read']),
      await createKey(db, product, organization, ['devices:read']),
    ];
    for (let n = 0; n < 3; n++) expect((await callAs(one.key, `${url}/devices`)).status).toBe(200);
    expect((await callAs(one.key, `${url}/devices`)).status).toBe(429);
    expect((await callAs(two.key, `${url}/devices`)).status).toBe(200);
  });

  it('is counted when refused by scope, by route or by body too, and told so in each answer', async () => {
    const { key } = await createKey(db, product, await negotiated(), ['devices:write']);
    const answers = [
      await callAs(key, `${url}/devices`),
      await callAs(key, `${url}/nothing`),
      await callAs(key, `${url}/devices`, { method: 'POST', json: {} }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([403, 404, 400]);
    expect(answers.map((answer) => answer.headers.get('X-RateLimit-Remaining'))).toEqual(['2', '1', '0']);
    expect((await callAs(key, `${url}/devices`)).status).toBe(429);
  });

  it('is told of every window in the IETF headers, and of the tightest in the documented ones', async () => {
    const { key } = await createKey(db, product, await negotiated(), ['devices:read']);
    const { headers } = await callAs(key, `${url}/devices`);
    expect(headers.get('RateLimit-Policy')).toBe('"minute";q=3;w=60, "hour";q=5;w=3600');
    expect(headers.get('RateLimit')).toMatch(/^"minute";r=2;t=\d+, "hour";r=4;t=\d+$/);
    expect(headers.get('X-RateLimit-Limit')).toBe('3');
  });
});

describe('a stranger', () => {
  const from = (address: string, credential?: string) =>
    call(`${url}/devices`, {
      headers: { 'X-Forwarded-For': address, ...(credential && { Authorization: `Bearer ${credential}` }) },
    });

  it('is counted by address, with or without a wrong credential, and is told 429 in the end', async () => {
    const limit = product.anonymousWindows[0]?.limit ?? 0;
    for (let n = 0; n < limit; n++)
      expect((await from('192.0.2.1', n % 2 ? 'wrong' : undefined)).status).toBe(401);
    const answer = await from('192.0.2.1');
    expect([answer.status, field(answer.body, 'error', 'code')]).toEqual([429, 'rate_limit_exceeded']);
    expect((await from('192.0.2.2')).status).toBe(401);
  });

  it('shares a count with all of its IPv6 /56', async () => {
    const before = await from('2001:db8:1:200::1');
    const after = await from('2001:db8:1:2ff:abcd::2');
    const elsewhere = await from('2001:db8:1:300::1');
    const remaining = (answer: { headers: Headers }) => Number(answer.headers.get('X-RateLimit-Remaining'));
    expect(remaining(after)).toBe(remaining(before) - 1);
    expect(remaining(elsewhere)).toBe(remaining(before));
  });

  it('behind the same address does not hinder a caller with a valid key', async () => {
    const { key } = await createKey(db, product, await negotiated(), ['devices:read']);
    expect((await from('192.0.2.1', key)).status).toBe(200);
  });

  it('with a stolen key that its allowlist stops does not use up the owner’s limit', async () => {
    const { key } = await createKey(db, product, await negotiated(), ['devices:read'], {
      allowedIps: ['198.51.100.1'],
    });
    for (let n = 0; n < 10; n++) expect((await from('192.0.2.9', key)).status).toBe(403);
    expect((await from('198.51.100.1', key)).status).toBe(200);
  });
});

describeWithRedis('on Redis', () => {
  it('two servers count a caller together', async () => {
    const { key } = await createKey(db, product, await negotiated(), ['devices:read']);
    const statuses: number[] = [];
    for (let n = 0; n < 6; n++) statuses.push((await callAs(key, `${sharing[n % 2]?.url}/devices`)).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429, 429]);
  });
});

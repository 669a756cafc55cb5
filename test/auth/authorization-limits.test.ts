import { describe, expect, it } from '@jest/globals';
import { connectRedis, createLogger } from '#http';
import { describeWithRedis, startRedis } from '../support/redis.ts';
import { authorize, openBrowser, textOf } from '../support/sign-in.ts';
import { type StartAuthOptions, startAuth } from '../support/start-auth.ts';
import { apiUrl, createSetting, product } from './fixtures.ts';

const setting = await createSetting();
const { db } = setting;
const client = await setting.client();
const { search } = setting.authorizeUrl(client);
const authorization = `/oauth/authorize${search}`;

const start = (perMinute: number, more: Partial<StartAuthOptions> = {}) =>
  startAuth({
    db,
    product,
    apiUrl,
    trustedProxies: ['127.0.0.1'],
    authorizationsPerMinute: perMinute,
    ...more,
  });
const open = (url: string, path: string, address: string, headers: Record<string, string> = {}) =>
  fetch(url + path, { headers: { 'X-Forwarded-For': address, ...headers }, redirect: 'manual' });

async function statusesOf(count: number, send: (n: number) => Promise<{ status: number }>) {
  const statuses: number[] = [];
  for (let n = 0; n < count; n++) statuses.push((await send(n)).status);
  return statuses;
}

const countRows = async (table: 'oidc_interactions' | 'oidc_sessions') =>
  (await db.query(`select s.id from ${table} s`)).length;

describe('pages that keep something for whoever opens them', () => {
  it('are opened so many times a minute from one network, and then say how long to wait', async () => {
    const auth = await start(3);
    expect(await statusesOf(3, () => open(auth.url, authorization, '192.0.2.1'))).toEqual([303, 303, 303]);
    const before = await countRows('oidc_interactions');
    const refused = await open(auth.url, authorization, '192.0.2.1');
    const seconds = Number(refused.headers.get('retry-after'));
    expect([refused.status, seconds > 0, seconds <= 60]).toEqual([429, true, true]);
    const page = await refused.text();
    expect(textOf(page)).toContain('Too many requests');
    expect(textOf(page)).toMatch(/Wait (a second|\d+ seconds), then try again/);
    expect(page).toContain(`href="${authorization.replaceAll('&', '&amp;')}"`);
    expect(refused.headers.get('cache-control')).toBe('no-store');
    expect(await countRows('oidc_interactions')).toBe(before);
    expect((await open(auth.url, authorization, '192.0.2.2')).status).toBe(303);
  });

  it('wait in the language of the reader', async () => {
    const auth = await start(1);
    await open(auth.url, authorization, '192.0.2.1');
    for (const [path, headers] of [
      [authorization, { 'accept-language': 'fr' }],
      [`${authorization}&ui_locales=fr`, {}],
    ] as const) {
      const refused = await open(auth.url, path, '192.0.2.1', headers);
      expect([refused.status, textOf(await refused.text())]).toEqual([
        429,
        expect.stringContaining('Patientez'),
      ]);
    }
  });

  it('count together, and an IPv6 /56 as one network', async () => {
    const auth = await start(3);
    const paths = [authorization, '/oauth/device', '/OAuth/logout', '/oauth/authorize', '/oauth/device'];
    expect(await statusesOf(5, (n) => open(auth.url, paths[n] ?? '', `2001:db8:1:2${n}0::1`))).toEqual([
      303, 200, 200, 429, 429,
    ]);
    expect((await open(auth.url, '/oauth/device', '2001:db8:1:300::1')).status).toBe(200);
  });

  it('go on for who has begun: the sign-in itself is not counted', async () => {
    const auth = await start(1);
    const person = await setting.person();
    const browser = openBrowser();
    const begun = await browser.fetch(auth.url + authorization);
    const callback = await authorize(new URL(begun.headers.get('location') ?? '', auth.url), person, {
      browser,
    });
    expect(callback.searchParams.get('code')).toEqual(expect.any(String));
  });
});

describe('a session of nobody', () => {
  it('lives for an hour, and one with a sign-in for 14 days', async () => {
    const auth = await start(100);
    const browser = openBrowser();
    await browser.fetch(`${auth.url}/oauth/device`);
    const lifetime = async () => {
      const [row] = await db.query<{ hours: number }>(
        `select extract(epoch from s.expires_at - now()) / 3600 as hours from oidc_sessions s
         order by s.created_at desc limit 1`,
      );
      return Math.round(Number(row?.hours));
    };
    expect(await lifetime()).toBe(1);
    const person = await setting.person();
    await authorize(auth.url + authorization, person, { browser });
    expect(await lifetime()).toBe(14 * 24);
  });
});

describeWithRedis('counted on Redis', () => {
  it('by all processes together, by each alone while Redis is away', async () => {
    const server = await startRedis();
    const redis = await connectRedis(server.url, createLogger('test', 'silent'), { answerWithinMs: 5_000 });
    try {
      const servers = [await start(2, { redis }), await start(2, { redis })];
      const ask = (address: string) => (n: number) => open(servers[n % 2]?.url ?? '', authorization, address);
      expect(await statusesOf(4, ask('192.0.2.1'))).toEqual([303, 303, 429, 429]);
      await server.kill();
      expect(await statusesOf(6, ask('192.0.2.3'))).toEqual([303, 303, 303, 303, 429, 429]);
    } finally {
      await redis.close();
    }
  });
});

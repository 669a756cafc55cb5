import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { connectRedis, createLogger } from '#http';
import { describeWithRedis, startRedis } from '../support/redis.ts';
import { type Browser, openBrowser, textOf } from '../support/sign-in.ts';
import { startAuth } from '../support/start-auth.ts';
import { apiUrl, createSetting, type Person, product } from './fixtures.ts';

// A device that has signed in to an account before is counted by itself: nobody locks its owner out.
const encryptionKey = randomBytes(32).toString('hex');
const signInLimits = { address: { failures: 5, seconds: 60 }, account: { failures: 2, seconds: 60 } };
const options = { encryptionKey, signInLimits, trustedProxies: ['127.0.0.1'] };
const setting = await createSetting(options);
const { auth, db } = setting;

const signIn = (
  browser: Browser,
  { email, password }: Person,
  { from = '203.0.113.1', url = auth.url }: { from?: string; url?: string } = {},
) =>
  browser.fetch(`${url}/sign-in`, {
    method: 'POST',
    body: new URLSearchParams({ email, password }),
    headers: { 'x-forwarded-for': from },
  });

const wrong = (person: Person) => ({ ...person, password: 'wrong' });
const deviceOf = (browser: Browser) =>
  browser.cookiesFor(auth.url).find((pair) => pair.startsWith('keystile_devices=')) ?? '';

/** Guesses from many addresses, each in a browser of its own. */
async function flood(person: Person, url = auth.url) {
  const statuses: number[] = [];
  for (let n = 0; n < 6; n++) {
    statuses.push((await signIn(openBrowser(), wrong(person), { from: `198.51.100.${n}`, url })).status);
  }
  return statuses;
}

describe('while an attacker guesses from many addresses', () => {
  it('the owner’s known device gets in, and an unknown one waits and is told how long', async () => {
    const person = await setting.person();
    const known = openBrowser();
    await signIn(known, person);
    await known.fetch(`${auth.url}/sign-out`, { method: 'POST' });
    expect(await flood(person)).toEqual([422, 422, 429, 429, 429, 429]);

    const unknown = await signIn(openBrowser(), person);
    expect(unknown.status).toBe(429);
    expect(Number(unknown.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(textOf(await unknown.text())).toMatch(/Wait \d+ seconds/);
    expect((await signIn(known, person)).status).toBe(303);
  });

  it('from the owner’s own network, too', async () => {
    const [person, other] = [await setting.person(), await setting.person()];
    const [known, from] = [openBrowser(), '203.0.113.77'];
    await signIn(known, person, { from });
    for (let n = 0; n < 5; n++) {
      await signIn(openBrowser(), { ...other, email: `nobody${n}@example.com` }, { from });
    }
    expect((await signIn(openBrowser(), other, { from })).status).toBe(429);
    expect((await signIn(known, person, { from })).status).toBe(303);
  });

  it('and it has a limit of its own, which keeps nobody else out', async () => {
    const person = await setting.person();
    const [known, other] = [openBrowser(), openBrowser()];
    await signIn(known, person);
    await signIn(other, person);
    const statuses: number[] = [];
    for (let n = 0; n < 4; n++) statuses.push((await signIn(known, wrong(person))).status);
    expect(statuses).toEqual([422, 422, 429, 429]);
    expect((await signIn(other, person)).status).toBe(303);
    expect((await signIn(openBrowser(), person)).status).toBe(303);
  });
});

describe('a known device', () => {
  it('is none for another account, nor with a changed or stolen name', async () => {
    const [person, attacker] = [await setting.person(), await setting.person()];
    const browser = openBrowser();
    await signIn(browser, attacker);
    const [name = '', mac = ''] = deviceOf(browser).replace('keystile_devices=', '').split('.');
    await flood(person);
    for (const value of [
      `${name}.${mac}`,
      `x${name}.${mac}`,
      `${name}.`,
      `${name}`,
      '',
      '~~~',
      '.'.repeat(50),
    ]) {
      const answer = await fetch(`${auth.url}/sign-in`, {
        method: 'POST',
        body: new URLSearchParams({ email: person.email, password: person.password }),
        headers: { cookie: `keystile_devices=${value}`, 'x-forwarded-for': '203.0.113.9' },
        redirect: 'manual',
      });
      expect([value, answer.status]).toEqual([value, 429]);
    }
  });

  it('is known for several accounts, five at most, and named anew at each sign-in', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => setting.person()));
    const browser = openBrowser();
    const seen = new Set<string>();
    for (const person of people) {
      expect((await signIn(browser, person)).status).toBe(303);
      seen.add(deviceOf(browser));
    }
    expect(seen.size).toBe(6);
    expect(deviceOf(browser).split('~')).toHaveLength(5);
    const [first, second] = people;
    if (!first || !second) throw new Error('no people');
    await flood(first);
    await flood(second);
    expect((await signIn(browser, first)).status).toBe(429);
    expect((await signIn(browser, second)).status).toBe(303);
  });

  it('comes by no sign-in that failed, and its cookie is out of scripts’ reach', async () => {
    const person = await setting.person();
    const browser = openBrowser();
    await signIn(browser, wrong(person));
    expect(deviceOf(browser)).toBe('');
    const answer = await signIn(browser, person);
    const line = answer.headers.getSetCookie().find((each) => each.startsWith('keystile_devices=')) ?? '';
    for (const attribute of [/; httponly/i, /; samesite=lax/i, /; max-age=34560000/i, /; path=\//i])
      expect(line).toMatch(attribute);
  });
});

describeWithRedis('known devices, counted in Redis', () => {
  it('pass on all processes, while strangers are counted together', async () => {
    const server = await startRedis();
    const redis = await connectRedis(server.url, createLogger('test', 'silent'), { answerWithinMs: 5_000 });
    try {
      const [one, two] = [
        await startAuth({ db, product, apiUrl, ...options, redis }),
        await startAuth({ db, product, apiUrl, ...options, redis }),
      ];
      const person = await setting.person();
      const known = openBrowser();
      await signIn(known, person, { url: one.url });
      const cookie = deviceOf(known) || known.cookiesFor(one.url).join('; ');
      expect(await flood(person, one.url)).toEqual([422, 422, 429, 429, 429, 429]);
      expect((await signIn(openBrowser(), person, { url: two.url })).status).toBe(429);
      const answer = await fetch(`${two.url}/sign-in`, {
        method: 'POST',
        body: new URLSearchParams({ email: person.email, password: person.password }),
        headers: { cookie },
        redirect: 'manual',
      });
      expect(answer.status).toBe(303);
    } finally {
      await redis.close();
    }
  });
});

import { afterEach, expect, it, jest } from '@jest/globals';
import { decodeJwt } from 'jose';
import { inTheFuture } from '../support/clock.ts';
import { authorize, openBrowser } from '../support/sign-in.ts';
import { createSetting, redirectUri } from './fixtures.ts';

const setting = await createSetting();
const client = await setting.client();
const days = 24 * 3600;

afterEach(() => {
  jest.useRealTimers();
});

/** A browser that has just signed in, and what it hears when an app asks in silence: a code, or that it is a stranger. */
async function signedIn() {
  const browser = openBrowser();
  await authorize(setting.authorizeUrl(client), await setting.person(), { browser });
  return async () => {
    const response = await browser.fetch(setting.authorizeUrl(client, { prompt: 'none' }));
    const { searchParams } = new URL(response.headers.get('location') ?? '');
    return searchParams.get('error') ?? (searchParams.has('code') ? 'code' : null);
  };
}

it('a session that nobody uses ends after 14 days', async () => {
  const ask = await signedIn();
  // PostgreSQL's clock decides about it.
  const pass = (time: string) =>
    setting.db.query(`update oidc_sessions set expires_at = expires_at - interval '${time}'`);
  await pass('13 days 23 hours');
  expect(await ask()).toBe('code');
  await pass('14 days');
  expect(await ask()).toBe('login_required');
});

it('a session that is used on and on ends 30 days after its sign-in', async () => {
  const ask = await signedIn();
  for (const at of [10, 20, 29.9]) {
    inTheFuture(at * days);
    expect(await ask()).toBe('code');
    jest.useRealTimers();
  }
  inTheFuture(30 * days + 1);
  expect(await ask()).toBe('login_required');
});

it('a code ends after a minute', async () => {
  const pass = (time: string) =>
    setting.db.query(`update oidc_authorization_codes set expires_at = expires_at - interval '${time}'`);
  const early = await code();
  await pass('55 seconds');
  expect(await early()).toBe(200);
  const late = await code();
  await pass('60 seconds');
  expect(await late()).toBe(400);
});

it('a refresh token that nobody uses ends after 30 days', async () => {
  const pass = (time: string) =>
    setting.db.query(`update oidc_refresh_tokens set expires_at = expires_at - interval '${time}'`);
  let { refresh_token } = await setting.tokens(client, await setting.person());
  await pass('29 days');
  ({ refresh_token } = await setting.refresh(client, refresh_token));
  expect(refresh_token).toEqual(expect.any(String));
  await pass('30 days');
  expect(await setting.refresh(client, refresh_token)).toMatchObject({ error: 'invalid_grant' });
});

it('refresh tokens end a year after their person let the app in, however often they are used', async () => {
  let { refresh_token } = await setting.tokens(client, await setting.person());
  for (let day = 28; day <= 364; day += 28) {
    inTheFuture(day * days);
    ({ refresh_token } = await setting.refresh(client, refresh_token));
    expect([day, refresh_token]).toEqual([day, expect.any(String)]);
    jest.useRealTimers();
  }
  inTheFuture(365 * days + 1);
  expect(await setting.refresh(client, refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
});

/** A code, and the status of the answer to its exchange. */
async function code() {
  const callback = await authorize(setting.authorizeUrl(client), await setting.person());
  const form = { code: callback.searchParams.get('code') ?? '', redirect_uri: redirectUri };
  return async () => (await setting.exchange(client, { grant_type: 'authorization_code', ...form })).status;
}

it('an app that wants a fresh sign-in gets one, and is told when it was', async () => {
  const browser = openBrowser();
  const person = await setting.person();
  const more = { max_age: '3600' };
  const signedInAt = async () => {
    const { id_token } = await setting.tokens(client, person, { browser, scope: 'openid', more });
    return Number(decodeJwt(id_token).auth_time);
  };
  const first = await signedInAt();
  expect(Math.abs(first - Date.now() / 1000)).toBeLessThan(60);
  expect(await signedInAt()).toBe(first);
  inTheFuture(2 * 3600);
  const silent = setting.authorizeUrl(client, { ...more, scope: 'openid', prompt: 'none' });
  const response = await browser.fetch(silent);
  expect(response.headers.get('location')).toContain('error=login_required');
  expect((await signedInAt()) - first).toBeGreaterThan(3600);
});

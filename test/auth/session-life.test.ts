import { afterEach, expect, it, jest } from '@jest/globals';
import { inTheFuture } from '../support/clock.ts';
import { authorize, openBrowser } from '../support/sign-in.ts';
import { createSetting } from './fixtures.ts';

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

import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, it } from '@jest/globals';
import { launchBrowser } from '../support/browser.ts';
import { type Browser, openBrowser, readForm, submit, textOf } from '../support/sign-in.ts';
import { createSetting, type TestClient, type TokenAnswer } from './fixtures.ts';

// A person signs out of the browser's session, when an app asks for it (OpenID Connect RP-Initiated Logout 1.0).
const setting = await createSetting();
const { auth } = setting;
const person = await setting.person();
const chromium = await launchBrowser();
const after = 'https://yourapp.com/goodbye';
const scope = 'openid devices:read';

/** A browser that is signed in for a client, and what the client has. */
async function signedIn(): Promise<{ browser: Browser; client: TestClient; tokens: TokenAnswer }> {
  const browser = openBrowser();
  const client = await setting.client({ postLogoutRedirectUris: [after] });
  return { browser, client, tokens: await setting.tokens(client, person, { browser, scope }) };
}

function logoutUrl(parameters: Record<string, string>): string {
  return `${auth.url}/oauth/logout?${new URLSearchParams(parameters)}`;
}

/** Sends the form of the sign-out page as it stands, with the button that was pressed. */
async function press(browser: Browser, page: Response, ...button: [string, string][]): Promise<Response> {
  const form = readForm(await page.text());
  return submit(browser, new URL(form?.action ?? '', auth.url), [...(form?.fields ?? []), ...button]);
}

async function isSignedIn(browser: Browser, client: TestClient): Promise<boolean> {
  const response = await browser.fetch(setting.authorizeUrl(client, { prompt: 'none', scope }));
  return new URL(response.headers.get('location') ?? '').searchParams.has('code');
}

describe('sign-out', () => {
  it('ends the browser’s session and goes back to the app, whose tokens stay', async () => {
    const { browser, client, tokens } = await signedIn();
    const state = 's-1';
    const ask = logoutUrl({ id_token_hint: tokens.id_token, post_logout_redirect_uri: after, state });
    const page = await browser.fetch(ask);
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await isSignedIn(browser, client)).toBe(true);
    const done = await press(browser, await browser.fetch(ask), ['logout', 'yes']);
    expect(done.headers.get('location')).toBe(`${after}?state=s-1`);
    expect(await isSignedIn(browser, client)).toBe(false);
    expect(await setting.refresh(client, tokens.refresh_token)).toMatchObject({ status: 200 });
  });

  it('asks first, by the app’s name, and changes nothing when the person stays', async () => {
    const { browser, client, tokens } = await signedIn();
    const page = await browser.fetch(logoutUrl({ id_token_hint: tokens.id_token }));
    expect(textOf(await page.clone().text())).toContain('Sign out of VaultWares? Fleet Monitor asks for it.');
    await press(browser, page);
    expect(await isSignedIn(browser, client)).toBe(true);
  });

  it('without an app ends on a page of its own', async () => {
    const { browser, client } = await signedIn();
    const done = await press(browser, await browser.fetch(logoutUrl({})), ['logout', 'yes']);
    const last = await browser.fetch(new URL(done.headers.get('location') ?? '', auth.url));
    expect(textOf(await last.text())).toContain('You are signed out');
    expect(await isSignedIn(browser, client)).toBe(false);
  });

  it.each([
    'https://yourapp.com/other',
    'https://yourapp.com/goodbye/../evil',
    'https://yourapp.com@evil.example/goodbye',
    'https://evil.example/goodbye',
    'https://yourapp.com/goodbye?x=1',
  ])('does not go on to %s, which is not registered', async (elsewhere) => {
    const { browser, client, tokens } = await signedIn();
    const hint = { id_token_hint: tokens.id_token };
    const page = await browser.fetch(logoutUrl({ ...hint, post_logout_redirect_uri: elsewhere }));
    expect([page.status, page.headers.get('location')]).toEqual([400, null]);
    // Nor without an app that could have registered it.
    const open = await browser.fetch(logoutUrl({ post_logout_redirect_uri: elsewhere }));
    const done = await press(browser, open, ['logout', 'yes']);
    expect(done.headers.get('location')).toBe(`${auth.url}/oauth/logout/success`);
    expect(await isSignedIn(browser, client)).toBe(false);
  });

  it('can’t be forced by another site: it takes the page’s own token', async () => {
    const { browser, client } = await signedIn();
    const forged = await submit(browser, `${auth.url}/oauth/logout/confirm`, [
      ['logout', 'yes'],
      ['xsrf', 'guessed'],
    ]);
    expect(forged.status).toBe(400);
    expect(await isSignedIn(browser, client)).toBe(true);
    const stranger = await submit(openBrowser(), `${auth.url}/oauth/logout/confirm`, [['logout', 'yes']]);
    expect(stranger.status).toBe(400);
  });

  it('of a token that another server signed, or another client got, is refused', async () => {
    const { browser, tokens } = await signedIn();
    const other = await setting.client();
    for (const parameters of [
      { id_token_hint: `${tokens.id_token.slice(0, -4)}AAAA` },
      { id_token_hint: 'x' },
      { id_token_hint: tokens.id_token, client_id: other.id },
      { client_id: 'client_none' },
    ]) {
      const { status } = await browser.fetch(logoutUrl({ ...parameters }));
      expect([parameters, status]).toEqual([parameters, 400]);
    }
  });

  it('is named by discovery', async () => {
    const found = await (await fetch(`${auth.url}/.well-known/openid-configuration`)).json();
    expect(found.end_session_endpoint).toBe(`${auth.url}/oauth/logout`);
  });
});

it('its pages are readable by all and run no script', async () => {
  const client = await setting.client();
  const context = await chromium.newContext({ viewport: { width: 360, height: 800 }, colorScheme: 'dark' });
  const page = await context.newPage();
  await page.goto(setting.authorizeUrl(client, { scope }).href);
  await page.getByLabel('E-mail address').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Allow' }).waitFor();
  const check = async () => {
    expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
    expect(await page.locator('script').count()).toBe(0);
  };
  await page.goto(logoutUrl({ client_id: client.id }));
  await check();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'All done' }).waitFor();
  await check();
  await context.close();
}, 60_000);

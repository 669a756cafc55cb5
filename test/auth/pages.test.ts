import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { serve } from '../support/serve.ts';
import { takePicture } from '../support/take-picture.ts';
import { createSetting, joinOrganization, type Person, type TestClient } from './fixtures.ts';

const setting = await createSetting({
  signInLimits: { address: { failures: 100, seconds: 60 }, account: { failures: 2, seconds: 60 } },
});
const browser = await launchBrowser();

// The client's callback, where the browser ends up.
const callback = await serve((_request, response) => response.end('the app'));
const redirectUris = [`${callback}/callback`];

const client = await setting.client({ redirectUris });
const longNamed = await setting.client({
  name: 'A name of an app that is longer than one line can hold at any width',
});

const widths = [360, 1280];
const scope = 'openid email devices:read devices:write admin';

interface Look {
  width?: number;
  colorScheme?: 'light' | 'dark';
  scripts?: boolean;
}

/** A page of a new browser profile. */
async function newPage({ width = 1280, colorScheme = 'light', scripts = false }: Look = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme,
    javaScriptEnabled: scripts,
  });
  context.setDefaultTimeout(5_000);
  return context.newPage();
}

async function signIn(page: Page, person: Person, who: TestClient = client, asked = scope): Promise<void> {
  await page.goto(setting.authorizeUrl(who, { scope: asked }).href);
  await page.getByLabel('E-mail address').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  const answered = page.waitForResponse((response) => response.url().endsWith('/sign-in'));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await answered;
  await page.waitForLoadState();
}

const isBack = (page: Page) => page.waitForURL((url) => url.origin === callback);

describe('with scripts off', () => {
  it.each(widths)('the flow works at %i pixels, and the answer is what was ticked', async (width) => {
    const page = await newPage({ width });
    const person = await setting.person('member');
    await page.goto(setting.authorizeUrl(client, { scope }).href);
    expect(await page.title()).toContain('Sign in');
    await page.getByLabel('E-mail address').fill(person.email);
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('don’t match');
    expect(await page.getByLabel('E-mail address').inputValue()).toBe(person.email);

    await page.getByLabel('Password').fill(person.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(
      'Fleet Monitor wants access',
    );
    expect(await page.getByRole('checkbox', { name: 'Full access' }).count()).toBe(0);
    await page.getByRole('checkbox', { name: 'Manage devices' }).uncheck();
    await page.getByRole('button', { name: 'Allow' }).click();
    await isBack(page);

    const tokens = await setting.exchange(client, {
      grant_type: 'authorization_code',
      code: new URL(page.url()).searchParams.get('code') ?? '',
      redirect_uri: client.redirectUris[0] ?? '',
    });
    expect(tokens.scope).toBe('devices:read');
    await page.context().close();
  });

  it('an organization is chosen and changed, another account used, and the request refused', async () => {
    const page = await newPage();
    const person = await setting.person('viewer');
    const other = await setting.person();
    await joinOrganization(setting.db, person, 'Northwind', 'owner');
    await signIn(page, person);
    await page.getByRole('radio', { name: 'Northwind' }).check();
    await page.getByRole('button', { name: 'Continue' }).click();
    expect(await page.getByRole('checkbox', { name: 'Full access' }).isChecked()).toBe(true);

    await page.getByRole('link', { name: 'Change the organization' }).click();
    expect(await page.getByRole('radio', { name: 'Northwind' }).isChecked()).toBe(true);
    await page.getByRole('radio', { name: 'Acme' }).check();
    await page.getByRole('button', { name: 'Continue' }).click();
    expect(await page.getByText('Your role viewer in Acme doesn’t allow').first().isVisible()).toBe(true);

    await page.getByRole('button', { name: 'Use another account' }).click();
    await page.getByLabel('E-mail address').fill(other.email);
    await page.getByLabel('Password').fill(other.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await page.getByText(other.email).isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await isBack(page);
    expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied');
    await page.context().close();
  });
});

describe('with the keyboard alone', () => {
  it('one gets from the first field to the answer, and sees where one is', async () => {
    const page = await newPage({ scripts: true });
    const person = await setting.person('owner');
    await page.goto(setting.authorizeUrl(client, { scope: 'devices:read devices:write' }).href);
    const focused = () =>
      page.evaluate(
        () => document.activeElement?.getAttribute('name') ?? document.activeElement?.textContent,
      );
    const outline = () =>
      page.evaluate(() =>
        document.activeElement ? getComputedStyle(document.activeElement).outlineWidth : '',
      );
    // The browser focuses the field a moment after it has loaded the page.
    await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'email');
    await page.keyboard.type(person.email);
    await page.keyboard.press('Tab');
    expect([await focused(), await outline()]).toEqual(['password', '3px']);
    await page.keyboard.type(person.password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=wants access');

    const seen: (string | null | undefined)[] = [];
    for (let step = 0; step < 5; step++) {
      await page.keyboard.press('Tab');
      seen.push(await focused());
      expect(await outline()).toBe('3px');
      if (step === 2) await page.keyboard.press('Space');
    }
    expect(seen).toEqual(['Use another account', 'scope', 'scope', 'Allow', 'Cancel']);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await isBack(page);
    const tokens = await setting.exchange(client, {
      grant_type: 'authorization_code',
      code: new URL(page.url()).searchParams.get('code') ?? '',
      redirect_uri: client.redirectUris[0] ?? '',
    });
    expect(tokens.scope).toBe('devices:read');
    await page.context().close();
  });
});

describe('every page', () => {
  const pages: [string, (page: Page) => Promise<void>][] = [
    ['the sign-in', async (page) => void (await page.goto(setting.authorizeUrl(longNamed).href))],
    [
      'the sign-in with an error',
      async (page) => signIn(page, { ...(await setting.person()), password: 'wrong' }),
    ],
    [
      'the sign-in that is paused',
      async (page) => {
        const person = { ...(await setting.person()), password: 'wrong' };
        for (let n = 0; n < 3; n++) await signIn(page, person);
        await page.getByRole('heading', { name: 'Too many attempts' }).waitFor();
      },
    ],
    ['the consent', async (page) => signIn(page, await setting.person('viewer'), longNamed)],
    [
      'the consent with an error',
      async (page) => {
        await signIn(page, await setting.person(), client, 'devices:read');
        await page.getByRole('checkbox').uncheck();
        await page.getByRole('button', { name: 'Allow' }).click();
        await page.waitForSelector('text=Tick at least one');
      },
    ],
    [
      'the consent with nothing to allow',
      async (page) => signIn(page, await setting.person('viewer'), client, 'admin'),
    ],
    [
      'the consent for more',
      async (page) => {
        const person = await setting.person();
        await signIn(page, person, client, 'devices:read');
        await page.getByRole('button', { name: 'Allow' }).click();
        await isBack(page);
        await page.goto(setting.authorizeUrl(client, { scope: 'devices:read audit:read' }).href);
        await page.waitForSelector('text=You allowed before');
      },
    ],
    [
      'the choice of an organization',
      async (page) => {
        const person = await setting.person();
        const name = 'The organization with the longest name of all the organizations';
        await joinOrganization(setting.db, person, name, 'viewer');
        await signIn(page, person, longNamed);
      },
    ],
    [
      'the page without an organization',
      async (page) => {
        const person = await setting.person();
        await setting.db.query('delete from memberships where user_id = $1', [person.id]);
        await signIn(page, person, longNamed);
      },
    ],
    [
      'an error',
      async (page) =>
        void (await page.goto(`${setting.auth.url}/oauth/authorize?client_id=${'x'.repeat(200)}`)),
    ],
  ];

  it.each(pages)('%s: no finding of axe, no sideways scrolling, in light and in dark', async (name, open) => {
    const page = await newPage({ scripts: true });
    await open(page);
    for (const [width, colorScheme] of [
      [360, 'light'],
      [1280, 'dark'],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect([width, Math.max(0, overflow)]).toEqual([width, 0]);
      await takePicture(page, `${name} ${width}`);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const findings = violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
      expect([colorScheme, findings]).toEqual([colorScheme, []]);
    }
    await page.context().close();
  });

  it('differs in light and in dark, and zooms to twice its size', async () => {
    const page = await newPage({ scripts: true, width: 360 });
    await page.goto(setting.authorizeUrl(client).href);
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await background();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await background()).not.toBe(light);
    await page.evaluate(() => {
      document.documentElement.style.fontSize = '200%';
    });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.context().close();
  });
});

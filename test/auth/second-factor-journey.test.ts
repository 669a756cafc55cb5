import { AxeBuilder } from '@axe-core/playwright';
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { totpCode } from '#crypto';
import { launchBrowser } from '../support/browser.ts';
import { takePicture } from '../support/take-picture.ts';
import { createFactorSetting } from './factor-fixtures.ts';
import type { Person } from './fixtures.ts';

// A second factor from the first page to the last: on, used, lost, recovered; a passkey; an organization that wants one.
const setting = await createFactorSetting({ hostname: 'localhost' });
const { auth, db, organizationId } = setting;
const browser = await launchBrowser();

/** A page with an authenticator of the device's own, which verifies its holder. */
async function newPage(locale = 'en-GB'): Promise<Page> {
  const context = await browser.newContext({ locale, viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(5_000);
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return page;
}

/** Holds a page against axe, in dark, and against its widths; takes its pictures. */
async function look(page: Page, name: string): Promise<void> {
  for (const [width, colorScheme, suffix] of [
    [360, 'dark', ' 360 dark'],
    [1280, 'light', ''],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await takePicture(page, name + suffix);
    if (colorScheme === 'light') continue;
    const { violations } = await new AxeBuilder({ page }).analyze();
    const findings = violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
    expect([name, findings]).toEqual([name, []]);
  }
}

async function typePassword(page: Page, { email, password }: Person): Promise<void> {
  await page.locator('input[name=email]').fill(email);
  await page.locator('input[name=password]').fill(password);
  await page.locator('button.primary').click();
}

/** Gives somebody an address that pictures can show. */
async function named<Somebody extends Person>(person: Somebody, email: string): Promise<Somebody> {
  await db.query('update users set email = $2 where id = $1', [person.id, email]);
  return { ...person, email };
}

const isAt = (page: Page, path: string) => page.waitForURL((url) => url.pathname === path);

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out').waitFor();
  await page.goto(`${auth.url}/sign-in`);
}

it('an authenticator app is set up, used, lost and recovered', async () => {
  const person = await named(await setting.person(), 'you@example.com');
  const page = await newPage();
  await page.goto(`${auth.url}/account/two-step`);
  await typePassword(page, person);
  await isAt(page, '/account/two-step');
  await look(page, 'two-step off');

  await page.getByRole('link', { name: 'Set up an authenticator app' }).click();
  await page.getByRole('img', { name: 'QR code' }).waitFor();
  const secret = ((await page.locator('code.secret').textContent()) ?? '').replaceAll(' ', '');
  await look(page, 'two-step authenticator app');
  await page.getByLabel('Code of your authenticator app').fill('000000');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByRole('alert').filter({ hasText: 'That code isn’t right' }).waitFor();
  await page.getByLabel('Code of your authenticator app').fill(totpCode(secret));
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
  const codes = await page.locator('code.secret').allTextContents();
  expect(codes).toHaveLength(10);
  await look(page, 'two-step recovery codes');
  const file = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download as a file' }).click();
  expect((await file).suggestedFilename()).toBe('recovery-codes.txt');
  await page.getByRole('link', { name: 'I have kept them' }).click();
  await isAt(page, '/account/two-step');

  await signOut(page);
  await look(page, 'sign-in with a passkey');
  await typePassword(page, person);
  await page.getByLabel('Code of your authenticator app').waitFor();
  await look(page, 'second step');
  const code = await setting.newCode({ ...person, secret, recoveryCodes: ['', ''] });
  await page.getByLabel('Code of your authenticator app').fill(code);
  await page.keyboard.press('Enter');
  await isAt(page, '/account');

  await signOut(page);
  await typePassword(page, person);
  await page.getByRole('link', { name: 'use a recovery code' }).click();
  await look(page, 'second step recovery code');
  await page.getByLabel('Recovery code').fill(codes[0] ?? '');
  await page.keyboard.press('Enter');
  await isAt(page, '/account');
  await page.context().close();
});

it('a passkey takes the place of the app, and signs in alone', async () => {
  const person = await named(await setting.personWithTotp(), 'me@example.com');
  const page = await newPage();
  await page.goto(`${auth.url}/sign-in?return_to=%2Faccount%2Ftwo-step%2Fpasskey`);
  await typePassword(page, person);
  await page.getByLabel('Code of your authenticator app').fill(await setting.newCode(person));
  await page.keyboard.press('Enter');
  await isAt(page, '/account/two-step/passkey');
  await look(page, 'two-step passkey');
  await page.getByLabel('Name').fill('Laptop');
  await page.getByRole('button', { name: 'Add the passkey' }).click();
  await page.getByText('The passkey is added.').waitFor();
  await look(page, 'two-step on');
  await page.getByRole('button', { name: 'Remove the authenticator app' }).click();
  await page.getByText('The authenticator app is removed.').waitFor();

  await signOut(page);
  await typePassword(page, person);
  await page.getByText('Now confirm with your passkey').waitFor();
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await isAt(page, '/account');

  await signOut(page);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await isAt(page, '/account');
  await page.goto(`${auth.url}/account/confirm?return_to=%2Faccount%2Ftwo-step`);
  await look(page, 'confirm with a passkey');
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await isAt(page, '/account/two-step');
  await page.context().close();
});

it('an organization that requires it leads to the set-up, and back to the app, in French too', async () => {
  await db.query('update organizations set require_second_factor = true where id = $1', [organizationId]);
  const page = await newPage('fr-FR');
  await page.goto(setting.authorizeUrl(await setting.client()).href);
  await typePassword(page, await named(await setting.person(), 'us@example.com'));
  await page.getByRole('heading', { name: 'Connexion en deux étapes requise' }).waitFor();
  await look(page, 'second step required in French');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Two-step sign-in needed' }).waitFor();
  await look(page, 'second step required');
  await page.getByRole('link', { name: 'Set it up' }).click();
  await page.getByText('Acme requires two-step sign-in').waitFor();
  await page.getByRole('link', { name: 'Add a passkey' }).click();
  await page.getByRole('button', { name: 'Add the passkey' }).click();
  await page.getByRole('link', { name: 'I have kept them' }).click();
  await page.getByRole('heading', { name: 'Fleet Monitor wants access' }).waitFor();
  await page.context().close();
});

it('without scripts the app’s code is the way, and pages say what passkeys need', async () => {
  const person = await setting.personWithTotp();
  const context = await browser.newContext({ locale: 'en-GB', javaScriptEnabled: false });
  context.setDefaultTimeout(5_000);
  const page = await context.newPage();
  await page.goto(`${auth.url}/sign-in?return_to=%2Faccount%2Ftwo-step%2Fpasskey`);
  expect(await page.getByRole('button', { name: 'Sign in with a passkey' }).count()).toBe(0);
  await typePassword(page, person);
  await page.getByLabel('Code of your authenticator app').fill(await setting.newCode(person));
  await page.keyboard.press('Enter');
  await page.getByText('Passkeys need JavaScript').waitFor();
  await context.close();
});

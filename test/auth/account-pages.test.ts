import { AxeBuilder } from '@axe-core/playwright';
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { takePicture } from '../support/take-picture.ts';
import { createSetting, joinOrganization } from './fixtures.ts';

const setting = await createSetting();
const browser = await launchBrowser();

async function signedIn(locale: string): Promise<Page> {
  const person = await setting.person('admin');
  await joinOrganization(setting.db, person, 'The organization with the longest name of all', 'viewer');
  const context = await browser.newContext({ locale, javaScriptEnabled: true });
  context.setDefaultTimeout(5_000);
  const page = await context.newPage();
  await page.goto(`${setting.auth.url}/account`);
  await page.locator('input[name=email]').fill(person.email);
  await page.locator('input[name=password]').fill(person.password);
  await page.locator('button.primary').click();
  await page.waitForURL('**/account');
  return page;
}

const pages = [
  ['home', '/account?done=saved', 'en-GB', 'Your account'],
  ['home in French', '/account', 'fr-FR', 'Votre compte'],
  ['confirm', '/account/confirm?return_to=%2Faccount', 'en-GB', 'Confirm that it’s you'],
] as const;

it.each(pages)(
  'the account’s page %s has no finding of axe and fits',
  async (name, path, locale, heading) => {
    const page = await signedIn(locale);
    await page.goto(setting.auth.url + path);
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    for (const [width, colorScheme] of [
      [360, 'light'],
      [1280, 'dark'],
      [1280, 'light'],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      await takePicture(page, `account ${name} ${colorScheme} ${width}`);
    }
    await page.context().close();
  },
);

it('the language is chosen at the foot of the page, and the sign-out ends at a page that says so', async () => {
  const page = await signedIn('en-GB');
  await page.getByRole('button', { name: 'Français' }).click();
  await page.getByRole('heading', { level: 1, name: 'Votre compte' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/account');
  await page.getByRole('button', { name: 'Se déconnecter' }).click();
  await page.getByRole('heading', { name: 'C’est fait' }).waitFor();
  await page.goto(`${setting.auth.url}/account`);
  expect(new URL(page.url()).pathname).toBe('/sign-in');
  await page.context().close();
});

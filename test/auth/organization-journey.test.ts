import { randomBytes } from 'node:crypto';
import { it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { checkPage } from '../support/check-page.ts';
import { mailedLink } from '../support/mailed-link.ts';
import { createSetting, password } from './fixtures.ts';

const encryptionKey = randomBytes(32).toString('hex');
const setting = await createSetting({ encryptionKey, signUp: true });
const { auth, db } = setting;
const browser = await launchBrowser();

async function newPage(): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(5_000);
  return context.newPage();
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const follow = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click();
const says = (page: Page, text: string) => page.getByText(text).waitFor();

async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await press(page, 'Sign in');
}

it('an owner makes an organization and invites somebody, who joins, is given a role, and leaves', async () => {
  const owner = { ...(await setting.person('owner')), email: 'owner@example.com' };
  await db.query('update users set email = $2 where id = $1', [owner.id, owner.email]);
  const page = await newPage();
  await page.goto(`${auth.url}/account/organizations`);
  await signIn(page, owner.email);
  await page.getByLabel('Name of the organization').fill('Northwind Traders');
  await press(page, 'Create organization');
  await says(page, 'Your organization is ready.');
  await checkPage(page, 'organizations');

  await follow(page, 'Members of Northwind Traders');
  const email = 'guest@example.com';
  const invite = async (address: string, role: string) => {
    await page.getByLabel('E-mail address').fill(address);
    await page.getByRole('combobox', { name: 'Role' }).selectOption(role);
    await press(page, 'Send invitation');
  };
  await invite('a-colleague-with-a-long-name@subsidiary.example.com', 'viewer');
  await says(page, 'The invitation is on its way.');
  await invite(email, 'member');
  await page.getByText(email).waitFor();
  await checkPage(page, 'members');
  await invite(email, 'member');
  await says(page, 'This address belongs to a member already');

  const link = await mailedLink(db, encryptionKey, email);
  await page.goto(link.href);
  await says(page, 'This invitation is for');
  await checkPage(page, 'invitation wrong person');
  const guest = await newPage();
  await guest.goto(link.href);
  await guest.getByLabel('Your name').fill('Guest');
  await checkPage(guest, 'invitation');
  await guest.getByLabel('Password').fill(password);
  await press(guest, 'Make account and join');
  await says(guest, 'You have joined the organization.');
  await guest.goto(link.href);
  await says(guest, 'This invitation doesn’t work any more');

  await page.goto(`${auth.url}/account/organizations`);
  await follow(page, 'Members of Northwind Traders');
  await follow(page, 'Change Guest');
  await checkPage(page, 'member');
  await page.getByRole('combobox', { name: 'Role' }).selectOption('admin');
  await press(page, 'Save role');
  await says(page, 'The role is changed.');

  await guest.goto(`${auth.url}/account/organizations`);
  await says(guest, 'admin');
  await follow(guest, 'Leave Northwind Traders');
  await checkPage(guest, 'leave');
  await press(guest, 'Leave Northwind Traders');
  await says(guest, 'You have left the organization.');

  await db.query(
    'delete from memberships m where m.user_id = (select u.id from users u where u.email = $1)',
    [email],
  );
  await page.goto(`${auth.url}/account/organizations`);
  await follow(page, 'Members of Northwind Traders');
  await invite(email, 'viewer');
  await says(page, 'The invitation is on its way.');
  const again = await mailedLink(db, encryptionKey, email);
  await guest.goto(again.href);
  await press(guest, 'Use another account');
  await says(guest, 'You have an account with this address.');
  await checkPage(guest, 'invitation sign in');
  await follow(guest, 'Sign in');
  await signIn(guest, email);
  await guest.getByRole('button', { name: 'Join', exact: true }).waitFor();
  await checkPage(guest, 'invitation join');
  await press(guest, 'Join');
  await says(guest, 'You have joined the organization.');
}, 60_000);

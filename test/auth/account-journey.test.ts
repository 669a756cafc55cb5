import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { accountMailsTo } from '../support/account-mails.ts';
import { launchBrowser } from '../support/browser.ts';
import { checkPage } from '../support/check-page.ts';
import { serve } from '../support/serve.ts';
import { startAuth } from '../support/start-auth.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { withRoom } from '../support/with-room.ts';
import { apiUrl, createSettingOn, product } from './fixtures.ts';

const encryptionKey = randomBytes(32).toString('hex');
const db = await createTestDatabase();
const setting = await createSettingOn(
  db,
  await startAuth({ db, product: withRoom(product), apiUrl, encryptionKey, signUp: true }),
);
const { auth } = setting;
const browser = await launchBrowser();

// The client's callback, where the browser ends up.
const callback = await serve((_request, response) => response.end('the app'));
const client = await setting.client({ redirectUris: [`${callback}/callback`] });

const linkTo = async (email: string) => (await accountMailsTo(db, encryptionKey, email)).at(-1)?.link ?? '';

it('a person makes an account, lets an app in, and looks after the account, without scripts of ours', async () => {
  const context = await browser.newContext({ locale: 'en-GB' });
  context.setDefaultTimeout(5_000);
  const page = await context.newPage();
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
  const email = 'ada@example.com';

  // From an app to the sign-up, and back to a token.
  await page.goto(setting.authorizeUrl(client).href);
  await checkPage(page, 'sign-in');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await page.getByLabel('E-mail address').fill(email);
  await checkPage(page, 'sign-up');
  await press('Continue');
  await heading('Look into your mail');
  await checkPage(page, 'mail-sent');
  await page.goto(await linkTo(email));
  await page.getByLabel('Your name').fill('Ada');
  await page.getByLabel('Your organization').fill('Northwind');
  await page.getByLabel('Password').fill('vaultwares is mine');
  await press('Create account');
  await page.getByText('Don’t use your e-mail address or our name').waitFor();
  await checkPage(page, 'sign-up-finish');
  await page.getByLabel('Password').fill('correct horse battery');
  await press('Create account');
  await heading('Fleet Monitor wants access to your VaultWares account');
  await press('Allow');
  await page.waitForURL((url) => url.origin === callback);
  const code = new URL(page.url()).searchParams.get('code') ?? '';
  const [redirect_uri = ''] = client.redirectUris;
  const tokens = await setting.exchange(client, { grant_type: 'authorization_code', code, redirect_uri });
  expect(tokens.access_token).toEqual(expect.any(String));

  // The account: name, password, address, sign-ins.
  await page.goto(`${auth.url}/account/profile`);
  await page.getByRole('textbox', { name: 'Name' }).fill('Ada L.');
  await press('Save');
  await page.getByText('Your changes are saved.').waitFor();
  await checkPage(page, 'profile');
  await page.getByRole('link', { name: 'Password' }).click();
  await page.getByLabel('Present password').fill('correct horse battery');
  await page.getByLabel('New password').fill('qwerty123456');
  await press('Change password');
  await page.getByText('among those that are tried first').waitFor();
  await checkPage(page, 'password');
  await page.getByLabel('Present password').fill('correct horse battery');
  await page.getByLabel('New password').fill('another horse battery');
  await press('Change password');
  await page.getByText('Your password is changed.').waitFor();

  const moved = 'ada@northwind.example';
  await page.goto(`${auth.url}/account/email`);
  await checkPage(page, 'change-email');
  await page.getByLabel('New e-mail address').fill(moved);
  await press('Send the link');
  await heading('Look into your mail');
  await page.goto(await linkTo(moved));
  await heading('Confirm your new address');
  await checkPage(page, 'confirm-email');
  await press('Use this address');
  await page.getByText('Your new e-mail address is in use.').waitFor();
  await page.getByRole('link', { name: 'Sign-ins' }).click();
  await page.getByText('this browser').waitFor();
  await checkPage(page, 'sessions');
  await press('Sign out everywhere, here too');
  await heading('Sign in');

  // The address is taken back, and with it the account.
  await page.goto(await linkTo(email));
  await heading('Take your account back');
  await checkPage(page, 'take-back');
  await press('Take it back');
  await heading('Choose your password');
  await checkPage(page, 'choose-password');

  // A forgotten password.
  await page.goto(`${auth.url}/sign-in`);
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await checkPage(page, 'reset');
  await page.getByLabel('E-mail address').fill(email);
  await press('Send the link');
  await page.goto(await linkTo(email));
  await page.getByLabel('New password').fill('a third horse battery');
  await press('Save password');
  await checkPage(page, 'password-saved');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill('a third horse battery');
  await press('Sign in');
  await heading('Your account');
  await context.close();
}, 60_000);

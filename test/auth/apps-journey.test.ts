import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { findOrganization, insertOrganization, updateOrganization } from '#store';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { launchBrowser } from '../support/browser.ts';
import { callAs } from '../support/call.ts';
import { checkPage } from '../support/check-page.ts';
import { serve } from '../support/serve.ts';
import { startApi } from '../support/start-api.ts';
import { createClient, createSetting, type Person, product } from './fixtures.ts';

// From an app that nobody has allowed to one that is disconnected, as the people who do it see it.
const apiPort = await freePort();
const setting = await createSetting({ apiUrl: `http://127.0.0.1:${apiPort}` });
const { db, auth, organizationId } = setting;
const api = await startApi({ db, product, authUrl: auth.url, port: apiPort });
const browser = await launchBrowser();

// The app's callback, where the browser ends up.
const callback = await serve((_request, response) => response.end('the app'));

async function newPage(): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB' });
  context.setDefaultTimeout(5_000);
  return context.newPage();
}

async function signIn(page: Page, { email, password }: Person): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

it('an app is asked for, allowed, given less than it wants, asks for more, and is disconnected', async () => {
  const acme = await findOrganization(db, organizationId);
  if (acme) await updateOrganization(db, acme.id, { ...acme, appPolicy: 'approval' });
  const maker = await insertOrganization(db, { name: 'Northwind', plan: 'enterprise', windows: null });
  const client = await createClient(db, maker.id, { redirectUris: [`${callback}/callback`] });
  const [member, owner] = [
    { ...(await setting.person('member')), email: 'member@example.com' },
    { ...(await setting.person('owner')), email: 'owner@example.com' },
  ];
  for (const { id, email } of [member, owner]) {
    await db.query('update users set email = $2 where id = $1', [id, email]);
  }
  const tokensOf = async (page: Page) => {
    await page.waitForURL((url) => url.origin === callback);
    return setting.exchange(client, {
      grant_type: 'authorization_code',
      code: new URL(page.url()).searchParams.get('code') ?? '',
      redirect_uri: client.redirectUris[0] ?? '',
    });
  };

  const page = await newPage();
  await page.goto(
    setting.authorizeUrl(client, { scope: 'devices:read devices:write devices:delete admin' }).href,
  );
  await signIn(page, member);
  await heading(page, 'Ask for Fleet Monitor');
  await checkPage(page, 'app approval');
  await page.getByLabel('What do you need it for?').fill('It plans the rounds of our technicians.');
  await page.getByRole('button', { name: 'Send the request' }).click();
  await heading(page, 'Your request is waiting');
  await checkPage(page, 'app approval waiting');

  const office = await newPage();
  await office.goto(`${auth.url}/account/organization-apps?organization=${organizationId}`);
  await signIn(office, owner);
  await heading(office, 'Apps in Acme');
  await office.getByText('It plans the rounds').waitFor();
  await checkPage(office, 'organization apps');
  await office.getByRole('button', { name: 'Allow Fleet Monitor' }).click();
  await office.getByText('The app is allowed.').waitFor();

  await page.getByRole('button', { name: 'Check again' }).click();
  await heading(page, 'Fleet Monitor wants access');
  await checkPage(page, 'consent');
  expect(await page.getByRole('checkbox').count()).toBe(3);
  await page.getByRole('checkbox', { name: 'Delete devices' }).uncheck();
  await page.getByRole('button', { name: 'Allow' }).click();
  expect((await tokensOf(page)).scope).toBe('devices:read devices:write');

  // Not asked about what was declined, but about what is new.
  await page.goto(
    setting.authorizeUrl(client, { scope: 'devices:read devices:write devices:delete policies:read' }).href,
  );
  await heading(page, 'Fleet Monitor wants access');
  await page.getByText('You allowed before').waitFor();
  await checkPage(page, 'consent for more');
  await page.getByRole('checkbox', { name: 'Delete devices' }).waitFor();
  await page.getByRole('button', { name: 'Allow' }).click();
  const tokens = await tokensOf(page);
  expect(tokens.scope).toBe('devices:read devices:write policies:read');
  const use = (method = 'GET') =>
    callAs(tokens.access_token, `${api.url}/devices`, {
      method,
      ...(method === 'POST' && { json: { name: 'Van' } }),
    });
  expect([(await use()).status, (await use('POST')).status]).toEqual([200, 201]);
  await api.requests.flush();

  await office.reload();
  await office.getByText('2 requests in 30 days').waitFor();
  await checkPage(office, 'organization apps connected');

  await page.goto(`${auth.url}/account/apps`);
  await heading(page, 'Connected apps');
  await checkPage(page, 'connected apps');
  await page.getByRole('button', { name: 'Remove “Manage devices” from Fleet Monitor' }).click();
  await page.getByText('The app has lost that permission.').waitFor();
  expect([(await use()).status, (await use('POST')).status]).toEqual([200, 403]);
  await page.getByRole('button', { name: 'Disconnect Fleet Monitor from Acme' }).click();
  await page.getByText('No connected apps').waitFor();
  await checkPage(page, 'connected apps none');
  expect((await use()).status).toBe(401);

  await office.getByRole('button', { name: 'Deny Fleet Monitor' }).click();
  await office.getByText('The app is denied').waitFor();
  await page.goto(setting.authorizeUrl(client).href);
  await heading(page, 'Fleet Monitor isn’t allowed here');
  await checkPage(page, 'app denied');
  await page.getByRole('button', { name: 'Français' }).click();
  await heading(page, 'Fleet Monitor n’est pas autorisée ici');
  await page.goto(`${auth.url}/account/apps`);
  await heading(page, 'Applications connectées');
  await checkPage(page, 'connected apps in French');
}, 60_000);

import { globSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { accountAreas } from '../../apps/auth/src/account-area/areas.ts';
import { accountMailsTo } from '../support/account-mails.ts';
import { createFactorSetting } from './factor-fixtures.ts';

// Whoever is signed in sees on each page how to sign out (OWASP ASVS 5.0, 7.4.4).
const setting = await createFactorSetting();
const { auth, db, encryptionKey, open, send, withPassword } = setting;
const signOut = /<form method="post" action="\/sign-out"><button class="link" type="submit">Sign out</;

it('each page of the account shows the way to sign out, also a mistake and an old link', async () => {
  const person = await setting.person();
  const { browser } = await withPassword(person);
  const newEmail = `new-${person.email}`;
  const pages: [string, number, Response][] = [];
  const look = async (path: string, status = 200) => pages.push([path, status, await open(browser, path)]);

  for (const { path } of accountAreas) await look(path);
  for (const path of [
    '/account/email',
    '/account/confirm',
    '/account/two-step/totp',
    '/account/two-step/passkey',
  ])
    await look(path);
  await look('/account/email/confirm?token=old', 410);
  await look(`/account/organizations/${setting.organizationId}/members`);
  await look('/account/organizations/org_none/members', 404);
  pages.push(['a mail was sent', 200, await send(browser, '/account/email', { email: newEmail })]);
  const [mail] = await accountMailsTo(db, encryptionKey, newEmail);
  await look((mail?.link ?? '').replace(auth.url, ''));

  const without: unknown[] = [];
  for (const [path, status, page] of pages) {
    const text = await page.text();
    if (page.status !== status || !signOut.test(text)) without.push([path, page.status]);
  }
  expect(without).toEqual([]);
});

it('a page for strangers shows none', async () => {
  const { browser } = await withPassword(await setting.person());
  for (const path of ['/reset', '/sign-up', '/reset/choose?token=old']) {
    expect(await (await open(browser, path)).text()).not.toMatch(signOut);
  }
});

it('the pages on the way to an app have “Use another account”, which signs out', () => {
  const views = new URL('../../apps/auth/src/views/', import.meta.url);
  const textOf = (name: string) => readFileSync(new URL(name, views), 'utf8');
  // Who is asked to sign in, or by which code or sign-out, is not signed in to this page.
  const before = ['device-confirm.eta', 'second-factor.eta', 'sign-in.eta', 'sign-out.eta'];
  const onTheWay = globSync('*.eta', { cwd: views.pathname })
    .filter((name) => !before.includes(name) && textOf(name).includes('it.clientName'))
    .toSorted();
  expect(onTheWay.filter((name) => textOf(name).includes("include('./account', it)"))).toEqual(onTheWay);
  expect(onTheWay).toEqual(
    expect.arrayContaining(['app-approval.eta', 'choose-organization.eta', 'consent.eta']),
  );
});

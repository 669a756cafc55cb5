import { expect, it } from '@jest/globals';
import { updateOrganizationPlan } from '#store';
import { openBrowser, submit, textOf } from '../support/sign-in.ts';
import { startAuth } from '../support/start-auth.ts';
import { apiUrl, createSetting, createSettingOn, joinOrganization, product } from './fixtures.ts';

// What people read who want to let an app in, and are in no organization whose plan has OAuth.
const setting = await createSetting();
const { db } = setting;
const { planChange: _planChange, ...oauth } = product.oauth;
const plain = await createSettingOn(
  db,
  await startAuth({ db, product: { ...product, oauth, translations: {} }, apiUrl }),
);

/** A person's page about it: in one organization, on the plan that everybody begins with. */
async function pageFor(role: 'owner' | 'member', language: string, { auth } = setting): Promise<string> {
  const person = await setting.person();
  await db.query('delete from memberships where user_id = $1', [person.id]);
  const organizationId = await joinOrganization(db, person, 'Northwind', role);
  await updateOrganizationPlan(db, organizationId, { plan: product.defaultPlan, windows: null });
  const browser = openBrowser();
  const headers = { 'accept-language': language };
  const { pathname, search } = setting.authorizeUrl(await setting.client());
  const asked = await browser.fetch(auth.url + pathname + search, { headers });
  const page = new URL(asked.headers.get('location') ?? '', auth.url);
  const form = Object.entries({ email: person.email, password: person.password });
  const answer = await submit(browser, `${page}/sign-in`, form);
  const next = await browser.fetch(new URL(answer.headers.get('location') ?? '', auth.url), { headers });
  const shown = await browser.fetch(new URL(next.headers.get('location') ?? '', auth.url), { headers });
  return textOf(await shown.text());
}

it.each([
  ['en', 'the plan of Northwind has no OAuth', 'Ask VaultWares to move your organization to it'],
  ['fr', 'l’offre de Northwind ne comprend pas OAuth', 'Demandez à VaultWares d’y faire passer'],
])('an owner is told in %s, by the product’s words, how to get another plan', async (language, ...words) => {
  const text = await pageFor('owner', language);
  for (const each of words) expect(text).toContain(each);
  expect(text).not.toMatch(/Ask an owner|l’un de ses propriétaires/);
});

it.each([
  ['en', 'Ask VaultWares to move it to the plan enterprise or custom.'],
  ['fr', 'Demandez à VaultWares de la faire passer à l’offre enterprise ou custom.'],
])('an owner is told the plans in %s where a product has no words of its own', async (language, words) => {
  expect(await pageFor('owner', language, plain)).toContain(words);
});

it('another member is told to ask an owner', async () => {
  const text = await pageFor('member', 'en');
  expect(text).toContain('Ask an owner of it for another plan');
  expect(text).not.toContain('Try again when that is done');
});

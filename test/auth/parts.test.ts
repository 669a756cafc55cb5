import { AxeBuilder } from '@axe-core/playwright';
import { expect, it } from '@jest/globals';
import { Eta } from 'eta';
import express from 'express';
import { createAssets } from '../../apps/auth/src/assets.ts';
import { en } from '../../apps/auth/src/messages/en.ts';
import { launchBrowser } from '../support/browser.ts';
import { serve } from '../support/serve.ts';
import { takePicture } from '../support/take-picture.ts';
import { product } from './fixtures.ts';

// Each part that pages are made of, in all of its states, on one page.
const parts = `
<% layout('./layout', { title: 'Parts' }) %>
<h1>Parts</h1>
<%~ include('./parts/steps', { label: 'Progress', steps: ['Scan', 'Confirm', 'Save'], current: 1 }) %>
<%~ include('./parts/alert', { kind: 'error', text: 'Something is wrong.' }) %>
<%~ include('./parts/alert', { kind: 'success', text: 'Saved.' }) %>
<%~ include('./parts/alert', { kind: 'info', text: 'Good to know.' }) %>
<form class="stack" method="post">
<%~ include('./parts/field', { name: 'plain', label: 'Plain', hint: 'At least 12 characters.', attributes: { required: true } }) %>
<%~ include('./parts/field', { name: 'wrong', label: 'Wrong', value: 'a"b', hint: 'A hint.', fieldError: 'Type another one.' }) %>
<button class="button primary">Save</button><button class="button">Cancel</button>
</form>
<section class="section-body" aria-label="Devices">
<%~ include('./parts/items', { items: [
  { title: 'Firefox on Linux', details: ['Paris', 'now'], tags: [{ text: 'this one', kind: 'success' }, { text: 'old', kind: 'warning' }] },
  { title: 'A phone with a name that is longer than one line', details: ['yesterday'], action: { path: '/end', text: 'End', label: 'End the session of the phone', fields: { id: 's1' }, danger: true } },
] }) %>
<%~ include('./parts/items', { items: [], empty: { title: 'No passkeys yet', text: 'Add one to sign in without a password.' } }) %>
</section>`;

const assets = createAssets(product.brand);
const eta = new Eta({ views: new URL('../../apps/auth/src/views', import.meta.url).pathname });
const html = eta.renderString(parts, {
  ...assets,
  t: en,
  productName: product.name,
  language: 'en',
  languages: [{ code: 'en', name: 'English' }],
  page: '/',
});
const url = await serve(
  express()
    .use(assets.routes)
    .get('/', (_request, response) => void response.type('html').send(html)),
);
const browser = await launchBrowser();

it.each([
  ['light', 360],
  ['dark', 1280],
] as const)('parts have no finding of axe and fit, in %s at %i pixels', async (colorScheme, width) => {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
  const page = await context.newPage();
  await page.goto(url);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  const wrong = page.getByLabel('Wrong');
  expect(await wrong.inputValue()).toBe('a"b');
  expect(await wrong.getAttribute('aria-invalid')).toBe('true');
  const described = await wrong.evaluate((field) =>
    (field.getAttribute('aria-describedby') ?? '')
      .split(' ')
      .map((id) => document.getElementById(id)?.textContent),
  );
  expect(described).toEqual(['Type another one.', 'A hint.']);
  expect(await page.getByRole('button', { name: 'End the session of the phone' }).count()).toBe(1);
  await takePicture(page, `parts ${colorScheme} ${width}`);
  await context.close();
});

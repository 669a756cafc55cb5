import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import express from 'express';
import { createAssets } from '../../apps/auth/src/assets.ts';
import { readLanguage } from '../../apps/auth/src/language.ts';
import { en } from '../../apps/auth/src/messages/en.ts';
import { fr } from '../../apps/auth/src/messages/fr.ts';
import { createPages, type PageData } from '../../apps/auth/src/pages.ts';
import { scopeWords } from '../../apps/auth/src/scope-words.ts';
import { serve } from '../support/serve.ts';
import { credentialsOf, follow, openBrowser, readForm, submit, textOf } from '../support/sign-in.ts';
import { createSetting, product } from './fixtures.ts';
import { samples } from './page-samples.ts';

const setting = await createSetting();
const { auth } = setting;
const client = await setting.client();

/** Opens the sign-in page of an authorization request. */
async function openSignIn(headers: Record<string, string>, parameters: Record<string, string> = {}) {
  const browser = openBrowser();
  const first = await browser.fetch(setting.authorizeUrl(client, parameters));
  const url = new URL(first.headers.get('location') ?? '', auth.url);
  const response = await browser.fetch(url, { headers });
  return { browser, url, response, html: await response.text() };
}

const languageOf = (html: string) => /<html lang="(\w+)">/.exec(html)?.[1];

describe('the language of a page', () => {
  it.each([
    ['fr-CA,fr;q=0.9,en;q=0.8', {}, 'fr', 'Se connecter'],
    ['en-GB,fr;q=0.5', {}, 'en', 'Sign in'],
    ['de', {}, 'en', 'Sign in'],
    ['en', { ui_locales: 'de fr-CH en' }, 'fr', 'Se connecter'],
    ['fr', { ui_locales: 'de it' }, 'fr', 'Se connecter'],
  ])('for a browser of %s and a request with %j is %s', async (accept, parameters, language, words) => {
    const { response, html } = await openSignIn({ 'accept-language': accept }, parameters);
    expect([languageOf(html), response.headers.get('content-language')]).toEqual([language, language]);
    expect(response.headers.get('vary')).toContain('Accept-Language, Cookie');
    expect(textOf(html)).toContain(words);
  });

  it('is the reader’s own choice before all, made on the page, which comes back', async () => {
    const { browser, url, html } = await openSignIn({ 'accept-language': 'fr' }, { ui_locales: 'fr' });
    const returnTo = /name="return_to" value="([^"]*)"/.exec(html)?.[1] ?? '';
    const fields: [string, string][] = [
      ['return_to', returnTo],
      ['language', 'en'],
    ];
    const chosen = await submit(browser, `${auth.url}/language`, fields);
    expect([chosen.status, chosen.headers.get('location')]).toEqual([303, url.pathname]);
    expect(chosen.headers.get('set-cookie')).toMatch(/^language=en;.*HttpOnly; SameSite=Lax/i);
    const again = await browser.fetch(url, { headers: { 'accept-language': 'fr' } });
    expect(languageOf(await again.text())).toBe('en');

    const form = readForm(html);
    const failed = await submit(browser, new URL(form?.action ?? '', auth.url), [['email', 'x@example.com']]);
    const page = await failed.text();
    expect([failed.status, languageOf(page)]).toEqual([422, 'en']);
    // The page of a form that failed is the one that the form stands on.
    expect(page).toContain(`name="return_to" value="${url.pathname}"`);
  });

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    '/%2e//evil.example',
    'javascript:alert(1)',
    '',
  ])('leads nobody away: %j', async (returnTo) => {
    const fields: [string, string][] = [
      ['return_to', returnTo],
      ['language', 'fr'],
    ];
    const response = await submit(openBrowser(), `${auth.url}/language`, fields);
    expect([response.status, response.headers.get('location')]).toEqual([303, '/account']);
  });

  it('has the scopes in the catalogue’s words, where the product has them in that language', async () => {
    const person = await setting.person('viewer');
    const { browser, html } = await openSignIn(
      { 'accept-language': 'fr' },
      { scope: 'openid devices:read admin' },
    );
    await submit(browser, `${auth.url}/language`, [['language', 'fr']]);
    const action = new URL(readForm(html)?.action ?? '', auth.url);
    const consent = await follow(browser, await submit(browser, action, credentialsOf(person)));
    const text = textOf(consent.html);
    expect(text).toContain('Fleet Monitor souhaite accéder à votre compte VaultWares');
    expect(text).toContain('Consulter les informations sur les appareils devices:read');
    expect(text).toContain('Accès complet Sensible admin Votre rôle lecteur dans Acme ne le permet pas.');
    const { translations: _none, ...untranslated } = product;
    expect(scopeWords(untranslated, 'fr', 'devices:read')).toBe('View device information');
  });

  it('is not set by another site, nor to one that there is not', async () => {
    const body = new URLSearchParams({ language: 'fr', return_to: '/account' });
    const crossed = await fetch(`${auth.url}/language`, {
      method: 'POST',
      body,
      headers: { 'sec-fetch-site': 'cross-site' },
      redirect: 'manual',
    });
    expect([crossed.status, crossed.headers.get('set-cookie')]).toEqual([403, null]);
    const unknown = await submit(openBrowser(), `${auth.url}/language`, [['language', 'tlh']]);
    expect([unknown.status, unknown.headers.get('set-cookie')]).toEqual([303, null]);
  });
});

describe('the words of a page', () => {
  const folder = new URL('../../apps/auth/src/views/', import.meta.url).pathname;
  const views = globSync('**/*.eta', { cwd: folder });

  it.each(views)('of %s come from the message files', (view) => {
    const source = readFileSync(folder + view, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    const code = [...source.matchAll(/<%([\s\S]*?)%>/g)].map(([, inside = '']) => inside);
    const html = source.replace(/<%[\s\S]*?%>/g, '');
    const text = html.replace(/<[^>]*>|&\w+;/g, ' ');
    const attributes = [...html.matchAll(/\s(?:aria-label|alt|title|placeholder)="([^"]*)"/g)];
    const literals = code.flatMap((inside) => [...inside.matchAll(/'([^']*)'|"([^"]*)"|`([^`]*)`/g)]);
    const words = [text, ...attributes.map(([, value = '']) => value)].flatMap(
      (part) => part.match(/\p{L}+/gu) ?? [],
    );
    // In code a word of its own is a name; words with a space or a capital letter are for people.
    const sentences = literals
      .map(([literal]) => literal)
      .filter((literal) => /\p{Lu}|\p{L} \p{L}/u.test(literal));
    expect([...words, ...sentences]).toEqual([]);
  });
});

/** All texts of a message file that are longer than a word, under their names; functions with letters for values. */
function phrases(of: object, path = ''): [string, string][] {
  return Object.entries(of).flatMap(([name, value]): [string, string][] => {
    if (typeof value === 'object' && value !== null) return phrases(value, `${path}${name}.`);
    const text = typeof value === 'function' ? value('¤', '¤') : String(value);
    // What stands between the values.
    return text
      .split(/[¤\d]+|NaN/)
      .map((part: string): [string, string] => [path + name, part.trim()])
      .filter(([, part]: [string, string]) => part.includes(' '));
  });
}

const pages = createPages(product, createAssets(product.brand));
const app = express().use(readLanguage());
const views = Object.keys(samples).filter((view): view is keyof PageData => view in samples);
for (const view of views) {
  app.get(`/${view}`, (_request, response) => pages.send(response, 200, view, samples[view]));
}
const url = await serve(app);
const texts = { en: phrases(en), fr: phrases(fr) };

describe('in each language', () => {
  it('every text is another one', () => {
    const english = new Map(texts.en);
    const same = texts.fr.filter(([name, text]) => english.get(name) === text);
    expect(same).toEqual([]);
  });

  it.each(views)('the page %s says nothing in another one', async (view) => {
    for (const [language, other] of [
      ['en', 'fr'],
      ['fr', 'en'],
    ] as const) {
      const response = await fetch(`${url}/${view}`, { headers: { 'accept-language': language } });
      const text = textOf(await response.text());
      const has = (list: [string, string][]) => list.filter(([, part]) => text.includes(part));
      expect([view, language, has(texts[other])]).toEqual([view, language, []]);
      if (view !== 'message') expect(has(texts[language])).not.toEqual([]);
    }
  });
});

import { globSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import express from 'express';
import { defineProduct, loadProduct } from '#catalog';
import { createAssets } from '../../apps/auth/src/assets.ts';
import { serve } from '../support/serve.ts';
import { createSetting, product } from './fixtures.ts';

const setting = await createSetting();
const root = new URL('../../', import.meta.url).pathname;
const slugs = globSync('packages/catalog/products/*.ts', { cwd: root }).map((path) => path.slice(26, -3));

type Rgb = [number, number, number];

function rgbOf(color: string): Rgb {
  const [r = 0, g = 0, b = 0] = (color.match(/[0-9a-f]{2}/gi) ?? []).map((part) => Number.parseInt(part, 16));
  return [r, g, b];
}

/** WCAG 2.2, relative luminance. */
function luminance(rgb: Rgb): number {
  const [r = 0, g = 0, b = 0] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: Rgb, other: Rgb): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** The custom properties of a stylesheet in each scheme. */
function tokens(css: string): Record<'light' | 'dark', Map<string, string>> {
  const found = { light: new Map<string, string>(), dark: new Map<string, string>() };
  for (const [, dark, body = ''] of css.matchAll(
    /(@media \(prefers-color-scheme: dark\) \{\s*)?:root \{([^}]*)\}/g,
  )) {
    for (const [, name = '', value = ''] of body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/gi)) {
      if (!dark) found.light.set(name, value);
      found.dark.set(name, dark ? value : (found.dark.get(name) ?? value));
    }
  }
  return found;
}

const surfaces = ['page', 'card', 'hover'];
/** Text → what it is read on. */
const texts: [string, readonly string[]][] = [
  ['text', [...surfaces, 'field']],
  ['quiet', surfaces],
  ['link', surfaces],
  ['on-accent', ['accent', 'accent-hover']],
  ['error-text', ['error', 'card']],
  ['success-text', ['success']],
  ['info-text', ['info']],
  ['warning-text', ['warning']],
];

async function styleOf(brand: Parameters<typeof createAssets>[0]): Promise<string> {
  const { routes, stylesheetPath } = createAssets(brand);
  return (await fetch((await serve(express().use(routes))) + stylesheetPath)).text();
}

describe.each([...slugs, 'no product'])('the colours of %s', (slug) => {
  it('are told apart by all who read: 4.5 to 1 for text, 3 to 1 for the edges of fields', async () => {
    const css = await styleOf(slug === 'no product' ? undefined : (await loadProduct(slug)).brand);
    for (const [scheme, of] of Object.entries(tokens(css))) {
      const color = (name: string): Rgb => {
        const value = of.get(name);
        if (value === undefined) throw new Error(`${name} has no colour`);
        return rgbOf(value);
      };
      const [r, g, b] = color('accent');
      const hovered: Rgb = [r * 0.88, g * 0.88, b * 0.88];
      const on = (surface: string) => (surface === 'accent-hover' ? hovered : color(surface));
      const low = texts.flatMap(([text, backs]) =>
        backs
          .map((back): [string, number] => [`${text} on ${back}`, contrast(color(text), on(back))])
          .filter(([, ratio]) => ratio < 4.5),
      );
      expect([scheme, low]).toEqual([scheme, []]);
      expect(contrast(color('field-line'), color('field'))).toBeGreaterThanOrEqual(3);
    }
  });
});

describe('a brand', () => {
  it('is on each page: the colours in the stylesheet, the logo as a picture that runs nothing', async () => {
    const page = await fetch(`${setting.auth.url}/oauth/authorize`, { headers: { accept: 'text/html' } });
    const html = await page.text();
    const path = /<img src="(\/assets\/logo-\w+\.svg)" alt=""/.exec(html)?.[1] ?? '';
    const logo = await fetch(setting.auth.url + path);
    expect(await logo.text()).toBe(product.brand?.logo);
    expect(logo.headers.get('content-type')).toMatch('image/svg+xml');
    expect(logo.headers.get('content-security-policy')).toContain("script-src 'none'");
    expect(logo.headers.get('cache-control')).toContain('immutable');
    expect(html).not.toContain('style=');
    expect(await styleOf(product.brand)).toContain(`--accent: ${product.brand?.colors?.light.accent}`);
  });

  it('that is broken is named when the product is defined', () => {
    const colors = { accent: '#fff', onAccent: '#ffffff', link: '#000000;}' } as const;
    const brand = { logo: 'logo.png', colors: { light: colors, dark: colors } };
    expect(() => defineProduct({ ...product, brand })).toThrow(
      'the logo is not an SVG document; #fff is not a colour as #rrggbb; #000000;} is not',
    );
  });

  it('has words for all its scopes in another language, or for none', () => {
    const { admin: _admin, ...scopes } = product.translations?.fr?.scopes ?? {};
    const translations = { fr: { scopes: { ...scopes, 'devices:fly': 'Piloter' } } };
    expect(() => defineProduct({ ...product, translations })).toThrow(
      /translation fr names an unknown scope devices:fly; translation fr lacks the scope admin/,
    );
  });
});

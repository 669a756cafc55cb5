import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Router } from 'express';
import type { Brand } from '#catalog';

/** The stylesheet's parts, in their order. */
const parts = ['tokens', 'base', 'parts', 'consent', 'settings', 'two-step'];

export interface Assets {
  /** Where the stylesheet is, under a name that changes with its text. */
  stylesheetPath: string;
  /** Where the product's logo is, if it has one. */
  logoPath: string | null;
  /** Where the script of passkeys is, the only one. */
  passkeyScriptPath: string;
  routes: Router;
}

/** What the pages of a product load: one stylesheet, its colours included, its logo, and the script of passkeys. */
export function createAssets(brand: Brand | undefined): Assets {
  const routes = Router();
  const serve = (name: string, type: string, text: string) => {
    const version = createHash('sha256').update(text).digest('hex').slice(0, 12);
    const path = `/assets/${name}-${version}.${type}`;
    routes.get(path, (_request, response) => {
      response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
      response.type(type).send(text);
    });
    return path;
  };
  const styles = parts.map((part) => readFileSync(new URL(`./assets/${part}.css`, import.meta.url), 'utf8'));
  return {
    stylesheetPath: serve('style', 'css', [...styles, colorsOf(brand)].join('\n')),
    logoPath: brand?.logo === undefined ? null : serve('logo', 'svg', brand.logo),
    passkeyScriptPath: serve(
      'passkey',
      'js',
      readFileSync(new URL('./assets/passkey.js', import.meta.url), 'utf8'),
    ),
    routes,
  };
}

function colorsOf(brand: Brand | undefined): string {
  if (!brand?.colors) return '';
  const { light, dark } = brand.colors;
  const rule = ({ accent, onAccent, link }: typeof light) =>
    `:root { --accent: ${accent}; --on-accent: ${onAccent}; --link: ${link}; }`;
  return `${rule(light)}\n@media (prefers-color-scheme: dark) {\n${rule(dark)}\n}\n`;
}

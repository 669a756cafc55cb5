import type { Language, Product } from '#catalog';
import { messages } from './language.ts';

/** What a scope allows, in the catalogue's words: in the reader's language where the product has them. */
export function scopeWords(product: Product, language: Language, scope: string): string {
  const oidc: Readonly<Record<string, string>> = messages[language].consent.scopes;
  const translated = language === 'en' ? product.scopes : product.translations?.[language]?.scopes;
  return translated?.[scope] ?? product.scopes[scope] ?? oidc[scope] ?? scope;
}

/** A scope as pages show it. */
export interface ShownScope {
  scope: string;
  words: string;
  /** Whether it lets an app do harm. */
  sensitive: boolean;
}

export function showScope(product: Product, language: Language, scope: string): ShownScope {
  const sensitive = product.sensitiveScopes?.includes(scope) ?? false;
  return { scope, words: scopeWords(product, language, scope), sensitive };
}

import type { Language, Product } from '#catalog';
import type { ConnectedApp } from '#store';
import { dayOf } from '../dates.ts';
import { type ShownScope, showScope } from '../scope-words.ts';
import { oidcScopes } from '../scopes.ts';

/** What an app may do and did, in words. */
export interface AppUse {
  scopes: readonly (ShownScope & { unused: boolean })[];
  /** Null when it was not used in the last 13 months. */
  lastUsed: string | null;
  requests: string;
}

export function appUse(product: Product, language: Language, app: ConnectedApp): AppUse {
  const { scopes, usedScopes, lastUsedAt, requests30Days } = app;
  // The scope above all was used where no other of the consent's would have been enough.
  const isUsed = (scope: string) =>
    usedScopes.includes(scope) ||
    (scope === product.superScope && usedScopes.some((used) => !scopes.includes(used)));
  const order = [...oidcScopes, ...Object.keys(product.scopes)];
  return {
    scopes: order
      .filter((scope) => scopes.includes(scope))
      .map((scope) => ({
        ...showScope(product, language, scope),
        // Whether a sign-in's facts are used, nobody counts.
        unused: !oidcScopes.includes(scope) && !isUsed(scope),
      })),
    lastUsed: lastUsedAt && dayOf(language, lastUsedAt),
    requests: new Intl.NumberFormat(language).format(requests30Days),
  };
}

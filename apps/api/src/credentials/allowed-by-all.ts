import { intersectScopes, type Product } from '#catalog';
import type { Allowance } from '../caller.ts';

/** The scopes that all allowances allow. */
export function allowedByAll(product: Product, [first, ...others]: readonly Allowance[]): readonly string[] {
  return others.reduce<readonly string[]>(
    (scopes, more) => intersectScopes(product, scopes, more.scopes),
    first?.scopes ?? [],
  );
}

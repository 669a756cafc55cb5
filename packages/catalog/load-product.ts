import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Product } from './product.ts';
import { torvus } from './products/torvus.ts';
import { vaultwares } from './products/vaultwares.ts';

const products: readonly Product[] = [vaultwares, torvus];

/** What is served when `PRODUCT` says nothing. */
export const defaultProduct = vaultwares.slug;

/**
 * The product that `PRODUCT` names: the slug of one in the catalogue, or the path of a file whose only
 * `defineProduct` export is one's own (`./acme.product.ts`). Throws an Error that says what is wrong.
 */
export async function loadProduct(name: string): Promise<Product> {
  const known = products.find((product) => product.slug === name);
  if (known) return known;
  if (!/[./\\]/.test(name)) {
    const slugs = products.map((product) => product.slug).join(', ');
    throw new Error(`unknown product ${name}: it is one of ${slugs}, or the path of a product file`);
  }
  const module = await importFile(name);
  const found = Object.values(module).filter(isProduct);
  if (found.length !== 1 || !found[0]) {
    throw new Error(
      `product file ${name} must export one product made by defineProduct, not ${found.length}`,
    );
  }
  return found[0];
}

async function importFile(path: string): Promise<object> {
  try {
    return await import(pathToFileURL(resolve(path)).href);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`product file ${path} can't be loaded: ${reason.split('\n')[0]}`, { cause });
  }
}

function isProduct(value: unknown): value is Product {
  return (
    typeof value === 'object' && value !== null && 'slug' in value && 'scopes' in value && 'wire' in value
  );
}

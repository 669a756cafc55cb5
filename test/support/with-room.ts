import type { Product } from '#catalog';

const windows = [{ name: 'minute', limit: 1_000_000_000, seconds: 60 }];

/** The same product with OAuth on each plan and limits that no run reaches, so that 403 and 429 hide nothing. */
export function withRoom(product: Product): Product {
  const names = Object.keys(product.plans);
  const plans = Object.fromEntries(names.map((plan) => [plan, { windows }]));
  return { ...product, plans, anonymousWindows: windows, oauth: { ...product.oauth, plans: names } };
}

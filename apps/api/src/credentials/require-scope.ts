import { holdsScope, Problem, type Product } from '#catalog';
import type { Allowance, Caller } from '../caller.ts';

/** Problem: `insufficient_scope` when the caller lacks what a route needs; null asks for a valid credential only. */
export function requireScopeOf(product: Product, caller: Caller, scope: string | null): void {
  if (scope === null || holdsScope(product, caller.scopes, scope)) return;
  throw lackedScope(product, caller, scope, `The operation needs ${scope}.`);
}

/** The `insufficient_scope` of a scope that the caller lacks, with who holds it back. `why` is a sentence on its need. */
export function lackedScope(
  product: Product,
  { scopes, allowances }: Caller,
  scope: string,
  why: string,
): Problem {
  const lacking = allowances.filter((allowance) => !holdsScope(product, allowance.scopes, scope));
  const held = lacking.map(
    ({ by, role, scopes }) => `${words[by].who}${role ? ` ${role}` : ''} has ${list(scopes)}`,
  );
  const detail = `${why} The credential has ${list(scopes)}: ${held.join('; ')}.`;
  const mend = lacking.map(({ by }) => words[by].mend.replace('{scope}', scope)).join(' ');
  return new Problem('insufficient_scope', detail, { scope, mend });
}

const words: Record<Allowance['by'], { who: string; mend: string }> = {
  key: { who: 'the key itself', mend: 'Give the key {scope}.' },
  maker: { who: "its maker's role", mend: "Give the key's maker a role with {scope}." },
  token: { who: 'the token itself', mend: 'Let the app ask for {scope}.' },
  consent: { who: "the user's consent", mend: 'Let the user consent to {scope}.' },
  client: { who: "the app's registration", mend: 'Register the app for {scope}.' },
  user: { who: "the user's role", mend: 'Give the user a role with {scope}.' },
};

function list(scopes: readonly string[]): string {
  return scopes.join(', ') || 'no scope';
}

/** The part of a product that scope decisions need. */
export interface ScopeRules {
  scopes: Readonly<Record<string, string>>;
  /** The scope that stands for all the others, if the product has one. */
  superScope?: string | undefined;
}

/** Whether `granted` includes `required`, by name or through the scope above all. */
export function holdsScope(rules: ScopeRules, granted: readonly string[], required: string): boolean {
  return granted.includes(required) || (rules.superScope !== undefined && granted.includes(rules.superScope));
}

/**
 * The scopes that both lists allow, in the catalogue's order. The scope above all stands for every scope on
 * either side, so `admin` met with `devices:read` is `devices:read`, and never the other way round.
 */
export function intersectScopes(rules: ScopeRules, a: readonly string[], b: readonly string[]): string[] {
  return Object.keys(rules.scopes).filter(
    (scope) =>
      (a.includes(scope) && holdsScope(rules, b, scope)) ||
      (b.includes(scope) && holdsScope(rules, a, scope)),
  );
}

/** The scopes of `wanted` that `granted` doesn't include. */
export function missingScopes(
  rules: ScopeRules,
  granted: readonly string[],
  wanted: readonly string[],
): string[] {
  return wanted.filter((scope) => !holdsScope(rules, granted, scope));
}

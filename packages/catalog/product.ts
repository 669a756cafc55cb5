import { type Brand, brandMistakes } from './brand.ts';
import type { Capability, PasswordLogin } from './capability.ts';
import type { Language } from './language.ts';
import type { Mode, Plan, Window } from './plan.ts';
import { type ProblemKind, problems } from './problem.ts';
import type { Resource } from './resource.ts';
import type { Wire } from './wire.ts';

/** The roles that a member has in an organization, from most to least. */
export const roles = ['owner', 'admin', 'member', 'viewer'] as const;
export type Role = (typeof roles)[number];

/** How a product words one kind of problem. `{retry_after}` in a message becomes the seconds to wait. */
export interface ErrorSpec {
  code: string;
  message: string;
  type?: string;
}

/** Everything that one vendor's API promises to its customers. The same code serves any of them. */
export interface Product<Scope extends string = string> {
  /** The name that `PRODUCT` takes. */
  slug: string;
  /** The name that people read. */
  name: string;
  /** How its pages look; neutral when left out. */
  brand?: Brand;
  /** Where the API's routes begin: `/v1`. */
  basePath: `/${string}`;
  keys: {
    /** How a key of each mode begins. */
    prefixes: Record<Mode, string>;
    /** A header that takes a key, beside `Authorization: Bearer`. */
    header?: string;
  };
  /** Each scope and what it allows, in words that a consent page can show. */
  scopes: Record<Scope, string>;
  /** The same words in other languages, and those of `oauth.planChange`; where there are none, people read the English ones. */
  translations?: Partial<
    Record<Exclude<Language, 'en'>, { scopes: Record<NoInfer<Scope>, string>; planChange?: string }>
  >;
  /** Scopes that let an app do harm; whoever consents to one is told so. */
  sensitiveScopes?: readonly NoInfer<Scope>[];
  /** The scope that stands for all the others. */
  superScope?: NoInfer<Scope>;
  /** Named sets of scopes that a key's maker can choose. */
  presets: Record<string, readonly NoInfer<Scope>[]>;
  /** The most that a member of each role can do, grant to an app or give to a key. */
  roles: Record<Role, readonly NoInfer<Scope>[]>;
  plans: Record<string, Plan>;
  /** The plan of an organization that was created without one. */
  defaultPlan: string;
  /** What one address may send without a valid credential. */
  anonymousWindows: readonly Window[];
  /** Anybody may make an account, with an organization of its own; by invitation alone when left out. */
  signUp?: boolean;
  /** The plans that have IP allowlists; all when left out. */
  allowlistPlans?: readonly string[];
  oauth: {
    /** The plans whose organizations have OAuth: clients of their own, and members who let clients in. */
    plans: readonly string[];
    /** How an organization comes to one of them, as its owners read it; the page names the plans when left out. */
    planChange?: string;
    /** Token requests may be JSON, too, beside the form that RFC 6749 §4.1.3 asks for. */
    jsonTokenRequests?: boolean;
  };
  /** A field of POST bodies that takes an idempotency key, beside the `Idempotency-Key` header. */
  idempotency?: { bodyField: string };
  errors: Record<ProblemKind, ErrorSpec>;
  wire: Wire;
  resources: readonly Resource<NoInfer<Scope>>[];
  capabilities: readonly Capability<NoInfer<Scope>>[];
}

/**
 * Declares a product. Scope names are tied to its own `scopes`, so a misspelt one doesn't compile; the same
 * rules are checked again at run time for definitions that no compiler has seen. Throws an Error that names
 * each mistake.
 */
export function defineProduct<const Scope extends string>(product: Product<Scope>): Product<Scope> {
  const mistakes = findMistakes(product);
  if (mistakes.length > 0) throw new Error(`product ${product.slug}: ${mistakes.join('; ')}`);
  return product;
}

/** How the product's own programs sign people in by a password; null when they don't. */
export function passwordLoginOf({ capabilities }: Product): PasswordLogin | null {
  return capabilities.find((declared) => declared.capability === 'passwordLogin') ?? null;
}

/** Whether an organization on `plan` has OAuth. */
export function planHasOauth({ oauth }: Product, plan: string): boolean {
  return oauth.plans.includes(plan);
}

function findMistakes(product: Product): string[] {
  const mistakes: string[] = product.brand ? brandMistakes(product.brand) : [];
  const known = new Set(Object.keys(product.scopes));
  const check = (where: string, scopes: readonly (string | undefined)[]) => {
    for (const scope of scopes) {
      if (scope !== undefined && !known.has(scope)) mistakes.push(`${where} names an unknown scope ${scope}`);
    }
  };

  check('superScope', [product.superScope]);
  check('sensitiveScopes', product.sensitiveScopes ?? []);
  for (const [language, { scopes }] of Object.entries(product.translations ?? {})) {
    check(`translation ${language}`, Object.keys(scopes));
    for (const scope of known) {
      if (!Object.hasOwn(scopes, scope)) mistakes.push(`translation ${language} lacks the scope ${scope}`);
    }
  }
  for (const [name, scopes] of Object.entries(product.presets)) check(`preset ${name}`, scopes);
  for (const [name, scopes] of Object.entries(product.roles)) check(`role ${name}`, scopes);
  for (const declared of product.capabilities) {
    check(`capability ${declared.capability}`, scopesOfCapability(declared));
  }

  const all = allResources(product.resources);
  for (const declared of all) check(`resource ${declared.path}`, Object.values(declared.operations));
  for (const [what, values] of [
    ['collection', all.map((declared) => declared.collection)],
    ['idPrefix', all.map((declared) => declared.idPrefix)],
  ] as const) {
    const twice = values.find((value, at) => values.indexOf(value) !== at);
    if (twice !== undefined) mistakes.push(`two resources share the ${what} ${twice}`);
  }

  for (const kind of Object.keys(problems)) {
    if (!Object.hasOwn(product.errors, kind)) mistakes.push(`no words for the error ${kind}`);
  }
  const { live, test } = product.keys.prefixes;
  if (!/^\w+$/.test(live + test)) mistakes.push('a key prefix has more than letters, digits and underscores');
  if (live.startsWith(test) || test.startsWith(live)) mistakes.push('one key prefix begins with the other');
  const exportPlans = product.capabilities.flatMap((declared) =>
    declared.capability === 'auditLog' ? (declared.exportPlans ?? []) : [],
  );
  const { defaultPlan, oauth, allowlistPlans = [] } = product;
  for (const plan of [defaultPlan, ...oauth.plans, ...allowlistPlans, ...exportPlans]) {
    if (!Object.hasOwn(product.plans, plan)) mistakes.push(`unknown plan ${plan}`);
  }
  return mistakes;
}

function scopesOfCapability(declared: Capability): string[] {
  switch (declared.capability) {
    case 'apiKeys':
    case 'keyUsage':
    case 'keyStatistics':
    case 'keyHistory':
    case 'auditLog':
    case 'requestLog':
    case 'organizationSettings':
    case 'explainAccess':
    case 'oauthClients':
    case 'apps':
      return [declared.scope];
    case 'members':
      return [declared.read, declared.write, declared.delete];
    case 'invitations':
      return [declared.read, declared.write];
    case 'verifyCredential':
    case 'account':
    case 'passwordLogin':
    case 'leakedKeyReports':
      return [];
  }
}

/** The resources and all that stand below them, parents first. */
export function allResources(resources: readonly Resource[]): Resource[] {
  return resources.flatMap((declared) => [declared, ...allResources(declared.children)]);
}

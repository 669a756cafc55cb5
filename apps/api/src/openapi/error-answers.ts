import {
  Problem,
  type ProblemFacts,
  type ProblemKind,
  type Product,
  passwordLoginOf,
  problems,
} from '#catalog';
import { errorBody } from '#http';
import { isKeyed, type Route, readsBody } from '../routes/route.ts';
import type { Answer, JsonSchema } from './document.ts';
import { countedHeaders, type HeaderName, headerReferences, headers } from './headers.ts';
import { shapeOf } from './shape-of.ts';

const ofAll = [
  'method_not_allowed',
  'rate_limited',
  'headers_too_large',
  'internal',
  'unavailable',
] as const satisfies ProblemKind[];

const ofCallers = [
  'malformed_request',
  'validation_failed',
  'conflicting_credentials',
  'missing_credential',
  'invalid_credential',
  'expired_credential',
  'ip_not_allowed',
  'plan_required',
] as const satisfies ProblemKind[];

const ofBodies = [
  'malformed_request',
  'validation_failed',
  'body_too_large',
  'unsupported_media_type',
] as const satisfies ProblemKind[];

const ofKeyed = ['idempotency_in_flight', 'idempotency_mismatch'] as const satisfies ProblemKind[];

const facts: Partial<Record<ProblemKind, ProblemFacts>> = {
  validation_failed: { fields: [{ field: 'name', message: 'is required' }] },
  rate_limited: { retryAfterSeconds: 12 },
  idempotency_in_flight: { retryAfterSeconds: 1 },
};

/** Every kind of problem that a route can answer, by status. */
export function problemsOf(product: Product, route: Route): Map<number, ProblemKind[]> {
  const changes = route.method !== 'get' && route.method !== 'post';
  const namesOrganization = !route.open && passwordLoginOf(product) !== null;
  const kinds = new Set<ProblemKind>([
    ...ofAll,
    ...(route.open ? [] : ofCallers),
    ...(route.scope !== null || namesOrganization ? (['insufficient_scope'] as const) : []),
    ...(route.mode === 'live' ? (['live_mode_required'] as const) : []),
    ...(route.path.includes(':') ? (['not_found'] as const) : []),
    ...(readsBody(product, route) ? ofBodies : []),
    ...(route.versioned && changes ? (['precondition_failed'] as const) : []),
    ...(isKeyed(route) ? ofKeyed : []),
    ...route.problems,
  ]);
  const inOrder = allKinds().filter((kind) => kinds.has(kind));
  return Map.groupBy(inOrder, (kind) => problems[kind].status);
}

/** The schema of the product's error bodies. */
export function errorSchema(product: Product): JsonSchema {
  return { ...shapeOf(allKinds().map((kind) => exampleError(product, kind))), title: 'Error' };
}

/** The answer of a status that `kinds` share, with an example of each. */
export function errorAnswer(product: Product, status: number, kinds: readonly ProblemKind[]): Answer {
  const examples = kinds.map((kind) => [
    kind,
    { summary: product.errors[kind].code, value: exampleError(product, kind) },
  ]);
  return {
    description: [...new Set(kinds.map((kind) => product.errors[kind].message))]
      .map((message) => message.replace('{retry_after}', 'some'))
      .join(' · '),
    headers: {
      ...headerReferences(headersOf(status)),
      // Only some of these problems are about the credential.
      ...(status === 409 && { 'Retry-After': { ...headers['Retry-After'], required: false } }),
      ...((status === 400 || status === 403) && {
        'WWW-Authenticate': { ...headers['WWW-Authenticate'], required: false },
      }),
    },
    content: {
      'application/json': {
        schema: { $ref: '#/components/schemas/Error' },
        examples: Object.fromEntries(examples),
      },
    },
  };
}

function exampleError(product: Product, kind: ProblemKind): unknown {
  return errorBody(product, new Problem(kind, product.errors[kind].message, facts[kind]));
}

function headersOf(status: number): HeaderName[] {
  if (status === 431 || status >= 500) return ['X-Request-Id'];
  const own: Record<number, HeaderName> = { 401: 'WWW-Authenticate', 405: 'Allow', 429: 'Retry-After' };
  return [...countedHeaders, ...(own[status] ? [own[status]] : [])];
}

function allKinds(): ProblemKind[] {
  const isKind = (name: string): name is ProblemKind => Object.hasOwn(problems, name);
  return Object.keys(problems).filter(isKind);
}

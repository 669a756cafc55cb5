import { type Product, passwordLoginOf } from '#catalog';
import { isKeyed, type Route, readsBody } from '../routes/route.ts';
import type { Components } from './components.ts';
import type { Answer, JsonSchema, MediaType, Operation, Parameter } from './document.ts';
import { problemsOf } from './error-answers.ts';
import { exampleOf } from './example-of.ts';
import { countedHeaders, type HeaderName, headerReferences } from './headers.ts';
import { bodyWithKey, idempotencyKeySchema } from './idempotency-field.ts';
import { jsonSchemaOf } from './json-schema.ts';
import { linksOf } from './links.ts';
import { operationId, parametersOf } from './names.ts';
import { shapeOf } from './shape-of.ts';

/** One route out of `routes` as OpenAPI tells it. */
export function operationOf(
  product: Product,
  route: Route,
  routes: readonly Route[],
  components: Components,
): Operation {
  const links = linksOf(route, routes);
  const errors = [...problemsOf(product, route)].map(([status, kinds]) => [
    status,
    components.error(status, kinds),
  ]);
  return {
    operationId: operationId(route.summary),
    summary: route.summary,
    description: rights(product, route),
    tags: [route.tag],
    security: route.open
      ? []
      : components.credentials.map((name) => ({ [name]: route.scope === null ? [] : [route.scope] })),
    parameters: [...pathParameters(route), ...queryParameters(route), ...headerParameters(product, route)],
    ...(readsBody(product, route) && { requestBody: requestBody(product, route, components) }),
    responses: {
      [route.status]: {
        ...success(product, route, components),
        ...(Object.keys(links).length > 0 && { links }),
      },
      ...(isConditionalRead(route) && { 304: notModified(route) }),
      ...Object.fromEntries(errors),
    },
  };
}

function requestBody({ idempotency }: Product, route: Route, components: Components) {
  const own = route.body && jsonSchemaOf(route.body, 'input');
  const schema = isKeyed(route) && idempotency ? bodyWithKey(own, idempotency.bodyField) : (own ?? {});
  return {
    required: route.body !== null && !route.body.safeParse(undefined).success,
    content: content('application/json', components.schema(schema)),
  };
}

function rights(product: Product, { open, scope, mode, plans }: Route): string {
  if (open) return 'Takes no credential.';
  const live = mode === 'live' ? ' Exists in live mode only.' : '';
  const byPlan = plans === null ? '' : ` Comes with the plan ${plans.join(' or ')}.`;
  return scopeWords(product, scope) + live + byPlan;
}

function scopeWords({ scopes, superScope }: Product, scope: string | null): string {
  if (scope === null) return 'Any valid credential may call it.';
  const or = superScope === undefined || superScope === scope ? '' : `, or \`${superScope}\``;
  return `Needs the scope \`${scope}\` (${scopes[scope]})${or}.`;
}

function pathParameters({ path }: Route): Parameter[] {
  return parametersOf(path).map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1 },
  }));
}

function queryParameters({ query }: Route): Parameter[] {
  const { properties = {}, required = [] } = jsonSchemaOf(query, 'input');
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: typeof schema === 'object' ? schema : {},
  }));
}

function headerParameters(product: Product, route: Route): Parameter[] {
  const login = route.open ? null : passwordLoginOf(product);
  return [
    ...(login ? [header(login.organizationHeader, namedOrganization)] : []),
    ...(isKeyed(route) ? [idempotencyKey] : []),
    ...(route.versioned && !isKeyed(route) ? [versionHeader(route)] : []),
  ];
}

const namedOrganization =
  'The organization that is meant: one of the memberships, for a token of a login. Any other credential has its own only.';

const idempotencyKey: Parameter = {
  ...header('Idempotency-Key', 'Makes a retry safe: the same answer again for 24 hours.'),
  schema: idempotencyKeySchema,
};

function versionHeader(route: Route): Parameter {
  return isConditionalRead(route)
    ? header('If-None-Match', 'Answers 304 when the version is still this one.')
    : header('If-Match', 'Changes only this version.');
}

function header(name: string, description: string): Parameter {
  return { name, in: 'header', required: false, description, schema: { type: 'string' } };
}

function isConditionalRead({ versioned, method }: Route): boolean {
  return versioned && method === 'get';
}

function notModified(route: Route): Answer {
  return {
    description: 'The version that `If-None-Match` names is the current one.',
    headers: headerReferences([...ownHeaders(route), 'ETag']),
  };
}

function ownHeaders({ counted }: Route): HeaderName[] {
  return counted ? [...countedHeaders] : ['X-Request-Id'];
}

function success(product: Product, route: Route, components: Components): Answer {
  const { answer, list, files, status, versioned, mediaType } = route;
  const headers = headerReferences([
    ...ownHeaders(route),
    ...(isKeyed(route) ? (['Idempotency-Replayed'] as const) : []),
    ...(versioned && answer ? (['ETag'] as const) : []),
    ...(list && product.wire.linkHeader ? (['Link'] as const) : []),
    ...(files.length > 0 ? (['Content-Disposition'] as const) : []),
  ]);
  const description = {
    200: 'Done.',
    201: 'Created.',
    202: 'Taken.',
    204: 'Done; there is nothing to tell.',
  }[status];
  if (!answer) return { description, headers };
  const item = jsonSchemaOf(answer, 'output');
  if (files.length > 0)
    return {
      description,
      headers,
      content: Object.fromEntries(files.map((type) => [type, { schema: item }])),
    };
  const example = exampleOf(item);
  const told = list
    ? content(
        mediaType,
        listSchema(product, components.schema(item)),
        product.wire.list({ items: [example], nextCursor: null }),
      )
    : content(mediaType, components.schema(item), example);
  return { description, headers, content: told };
}

/** A page of items in the product's own shape. */
function listSchema({ wire }: Product, item: JsonSchema): JsonSchema {
  const marker = {};
  const pages = [null, 'next'].map((nextCursor) => wire.list({ items: [marker], nextCursor }));
  return shapeOf(pages, new Map([[marker, item]]));
}

function content(mediaType: string, schema: JsonSchema, example?: unknown): Record<string, MediaType> {
  const examples = example === undefined ? {} : { examples: { example: { value: example } } };
  return { [mediaType]: { schema, ...examples } };
}

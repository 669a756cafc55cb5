import type { ProblemKind, Product } from '#catalog';
import type { Answer, Header, JsonSchema, OpenApiDocument, Reference } from './document.ts';
import { errorAnswer, errorSchema } from './error-answers.ts';
import { headers } from './headers.ts';

/** Collects what several operations share. */
export interface Components {
  /** The names of the security schemes, any one of which suffices. */
  credentials: readonly string[];
  /** A schema with a title stands here once, and is referred to by it. */
  schema(schema: JsonSchema): JsonSchema;
  /** The answer of a status that these kinds of problem share. */
  error(status: number, kinds: readonly ProblemKind[]): Reference;
  collected(): OpenApiDocument['components'];
}

export function createComponents(product: Product, authUrl: string): Components {
  const schemas: Record<string, JsonSchema> = { Error: errorSchema(product) };
  const responses: Record<string, Answer> = {};
  const securitySchemes = securitySchemesOf(product, authUrl);
  return {
    credentials: Object.keys(securitySchemes),
    schema(schema) {
      const name = schema.title;
      if (name === undefined) return schema;
      if (schemas[name] && JSON.stringify(schemas[name]) !== JSON.stringify(schema))
        throw new Error(`two schemas have the title ${name}`);
      schemas[name] = schema;
      return { $ref: `#/components/schemas/${name}` };
    },
    error(status, kinds) {
      const name = kinds.map(pascal).join('Or');
      responses[name] ??= errorAnswer(product, status, kinds);
      return { $ref: `#/components/responses/${name}` };
    },
    collected() {
      const named: Record<string, Header> = headers;
      return { schemas, responses, headers: named, securitySchemes };
    },
  };
}

function securitySchemesOf({ name, keys, scopes }: Product, authUrl: string) {
  const key = `A key of ${name}: it begins with \`${keys.prefixes.live}\`, or \`${keys.prefixes.test}\` for test data.`;
  return {
    ...(keys.header !== undefined && {
      apiKey: { type: 'apiKey', in: 'header', name: keys.header, description: key },
    }),
    bearer: { type: 'http', scheme: 'bearer', description: `${key} An access token is taken as well.` },
    oauth2: {
      type: 'oauth2',
      description: 'An access token, which a user has granted to an app.',
      flows: {
        authorizationCode: {
          authorizationUrl: `${authUrl}/oauth/authorize`,
          tokenUrl: `${authUrl}/oauth/token`,
          refreshUrl: `${authUrl}/oauth/token`,
          scopes,
        },
      },
    },
  };
}

function pascal(kind: string): string {
  return kind.replace(/(?:^|_)(\w)/g, (_all, first: string) => first.toUpperCase());
}

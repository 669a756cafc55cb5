import type { JsonSchema } from './document.ts';

/** An idempotency key, wherever it stands. */
export const idempotencyKeySchema: JsonSchema = { type: 'string', pattern: '^[!-~]{1,255}$' };

/** A body with the field that may hold an idempotency key; the schema of that field alone where there is no other. */
export function bodyWithKey(body: JsonSchema | null, name: string): JsonSchema {
  if (body === null) return withField({ type: 'object' }, name);
  // The name of the body without the field is taken by the routes that are no POST.
  const { title, ...rest } = body;
  return rest.anyOf
    ? { ...rest, anyOf: rest.anyOf.map((each) => withField(each, name)) }
    : withField(rest, name);
}

function withField(body: JsonSchema, name: string): JsonSchema {
  const description = 'Makes a retry safe, as the `Idempotency-Key` header does.';
  const field = { ...idempotencyKeySchema, description };
  return { ...body, properties: { ...body.properties, [name]: field } };
}

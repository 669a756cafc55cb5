import type { JsonSchema } from './document.ts';

/**
 * The JSON Schema of the values that `samples` are examples of: a field is required when every sample has it. A
 * value that is in `known` has the schema that stands there.
 */
export function shapeOf(samples: readonly unknown[], known = new Map<unknown, JsonSchema>()): JsonSchema {
  const found = samples.map((sample) => known.get(sample)).find((schema) => schema !== undefined);
  if (found) return found;
  const groups = Map.groupBy(samples, typeOf);
  const shapes = [...groups].map(([type, group]) => shapeOfType(type, group, known));
  return shapes.length === 1 ? { ...shapes[0] } : { anyOf: shapes };
}

type JsonType = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object';

function shapeOfType(
  type: JsonType,
  samples: readonly unknown[],
  known: Map<unknown, JsonSchema>,
): JsonSchema {
  if (type === 'array') return { type, items: shapeOf(samples.flat(), known) };
  if (type !== 'object') return { type };
  const entries = samples.map((sample) => Object.entries(Object(sample)));
  const fields = Map.groupBy(entries.flat(), ([name]) => name);
  const properties = [...fields].map(([name, found]) => {
    const values = found.map(([, value]) => value);
    return [name, shapeOf(values, known)];
  });
  return {
    type,
    properties: Object.fromEntries(properties),
    required: [...fields].filter(([, found]) => found.length === samples.length).map(([name]) => name),
    additionalProperties: false,
  };
}

function typeOf(value: unknown): JsonType {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'boolean' || typeof value === 'string')
    return typeof value === 'boolean' ? 'boolean' : 'string';
  return 'object';
}

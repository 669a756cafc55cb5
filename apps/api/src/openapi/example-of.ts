import type { JsonSchema } from './document.ts';

/** A value that a JSON Schema allows: its own example where it has one, else the plainest one. */
export function exampleOf(schema: JsonSchema): unknown {
  if (schema.examples?.[0] !== undefined) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  const [first] = schema.anyOf ?? schema.oneOf ?? [];
  if (first) return exampleOf(first);
  switch (schema.type) {
    case 'object':
      return exampleObject(schema);
    case 'array':
      return schema.minItems && isSchema(schema.items) ? [exampleOf(schema.items)] : [];
    case 'string':
      return exampleText(schema.format);
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return false;
    default:
      return null;
  }
}

/** With the fields that must be there, and those that bring an example. */
function exampleObject({ properties = {}, required = [] }: JsonSchema): unknown {
  const shown = Object.entries(properties).flatMap(([name, field]) =>
    isSchema(field) && (required.includes(name) || field.examples) ? [[name, exampleOf(field)]] : [],
  );
  return Object.fromEntries(shown);
}

function exampleText(format: string | undefined): string {
  if (format === 'date-time') return '2026-01-15T09:30:00Z';
  return 'Example';
}

function isSchema(schema: unknown): schema is JsonSchema {
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema);
}

import type { JsonSchema } from './document.ts';

/** The fields of an object in a table's form. */
export function fieldRows({ properties = {}, required = [] }: JsonSchema) {
  return Object.entries(properties).flatMap(([name, field]) =>
    typeof field === 'object'
      ? [
          {
            name,
            required: required.includes(name),
            type: typeWords(field),
            description: field.description ?? '',
          },
        ]
      : [],
  );
}

/** What a schema allows, in a few words: `text, 1 to 200 characters`. */
export function typeWords(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return `one of ${schema.enum.map(String).join(', ')}${defaultWords(schema)}`;
  const alternatives = schema.type === undefined ? (schema.anyOf ?? []) : [];
  if (alternatives.length > 0) return alternatives.map(typeWords).join(' or ');
  return [baseWords(schema), rangeWords(schema)].filter(Boolean).join(', ') + defaultWords(schema);
}

function baseWords({ type, format, items, additionalProperties }: JsonSchema): string {
  if (type === 'array') {
    return typeof items === 'object' && !Array.isArray(items) ? `list: ${typeWords(items)}` : 'list';
  }
  if (type === 'object') {
    return typeof additionalProperties === 'object' ? 'object of any names' : 'object';
  }
  if (type === 'string') return format === undefined ? 'text' : format;
  return type === undefined ? 'any JSON' : String(type);
}

function rangeWords({ minLength, maxLength, minimum, maximum, maxItems }: JsonSchema): string {
  if (maxLength !== undefined) return `${minLength ?? 0} to ${maxLength} characters`;
  if (maxItems !== undefined) return `at most ${maxItems}`;
  const bounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  return bounded ? `${minimum ?? 0} to ${maximum}` : '';
}

function defaultWords(schema: JsonSchema): string {
  return schema.default === undefined ? '' : ` (${JSON.stringify(schema.default)} when left out)`;
}

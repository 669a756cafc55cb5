import { z } from 'zod';
import type { JsonSchema } from './document.ts';

/**
 * The JSON Schema of what a zod schema takes (`input`) or of what an answer holds (`output`). A schema that refers
 * to itself is told as any JSON value.
 */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema, $defs, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (io === 'output' && jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      // Others read `email` differently from our pattern, which is what holds.
      if (jsonSchema.format === 'email') delete jsonSchema.format;
      if (io === 'input' && isTrimmed(zodSchema) && jsonSchema.minLength === 1) jsonSchema.pattern ??= '\\S';
    },
  });
  return withoutCycles(rest);
}

/** JSON Schema has no word for "after trimming". */
function isTrimmed({ _zod: { def } }: z.core.$ZodType): boolean {
  return def.checks?.some((check) => check._zod.def.check === 'overwrite') ?? false;
}

function withoutCycles(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (_key, value) =>
    typeof value === 'object' && value !== null && '$ref' in value ? {} : value,
  );
}

import { z } from 'zod';

/**
 * The merge patches (RFC 7396) of an object: each field may be left out, and null removes one that need not be
 * there. The schema's checks across fields are not part of it: they hold for what the patch results in.
 */
export function mergePatchOf(schema: z.ZodObject): z.ZodType<Record<string, unknown>> {
  const fields = Object.entries(schema.shape).map(([name, field]) => {
    const patch = patchOf(bareSchema(field));
    return [name, (mayMiss(field) ? z.nullable(patch) : patch).optional()];
  });
  return z.strictObject(Object.fromEntries(fields));
}

/** A field's schema without what says that it may be left out. */
export function bareSchema(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault
    ? bareSchema(schema.unwrap())
    : schema;
}

function patchOf(schema: z.core.$ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) return mergePatchOf(schema);
  if (schema instanceof z.ZodRecord) return z.record(schema.keyType, z.nullable(schema.valueType));
  return schema instanceof z.ZodType ? schema : z.json();
}

function mayMiss(schema: z.core.$ZodType): boolean {
  return z.safeParse(schema, undefined).success;
}

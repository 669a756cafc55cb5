import type { z } from 'zod';

/** What can be done with a resource; which of these a product mounts, and under which scope, it says itself. */
export const operations = ['list', 'create', 'get', 'replace', 'update', 'delete'] as const;
export type Operation = (typeof operations)[number];

/** A collection of JSON objects that the product's API serves, stored and served alike for all. */
export interface Resource<Scope extends string = string> {
  /** Below the product's base path or below one item of the parent: `/devices`. */
  path: string;
  /** The name under which items are stored. Two resources never share one. */
  collection: string;
  /** How ids begin: `dev` gives `dev_01j…`. */
  idPrefix: string;
  /** The fields that a client writes. Unknown fields are refused. */
  schema: z.ZodObject;
  /** The scope that each offered operation needs. */
  operations: Partial<Record<Operation, Scope>>;
  /** Fields that `?field=value` filters by: text, number or boolean fields of the schema. */
  filters: readonly string[];
  /** Fields that `?sort=` takes, beside `created_at` and `updated_at`. */
  sorts: readonly string[];
  /** Bodies that a client may send: what the demo data and the documents show. At least one. */
  examples: readonly Record<string, unknown>[];
  /** Collections below one item, as `/vaults/:id/documents`. They are deleted with it. */
  children: readonly Resource<Scope>[];
}

/** Declares a resource; filters and sorts must be fields of the schema, or it doesn't compile. */
export function resource<const Scope extends string, Shape extends z.ZodRawShape>(definition: {
  path: string;
  collection: string;
  idPrefix: string;
  schema: z.ZodObject<Shape>;
  operations: Partial<Record<Operation, Scope>>;
  filters?: readonly (keyof Shape & string)[];
  sorts?: readonly (keyof Shape & string)[];
  examples: readonly [z.input<z.ZodObject<Shape>>, ...z.input<z.ZodObject<Shape>>[]];
  children?: readonly Resource<Scope>[];
}): Resource<Scope> {
  const { filters = [], sorts = [], children = [], ...rest } = definition;
  return { ...rest, schema: definition.schema.strict(), filters, sorts, children };
}

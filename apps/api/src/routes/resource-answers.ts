import { z } from 'zod';
import type { Operation, Resource } from '#catalog';
import { mergePatchOf } from './merge-patch-schema.ts';
import { idAnswer, timeAnswer } from './wire-schemas.ts';

/** An item of a resource on the wire: what a client wrote, with what the API adds. */
export type ResourceAnswer = Record<string, unknown>;

/** The shape of a resource's items on the wire. */
export function resourceAnswer({
  schema,
  idPrefix,
  collection,
  examples,
}: Resource): z.ZodType<ResourceAnswer> {
  const [id, time] = [idAnswer(idPrefix), timeAnswer];
  const example = {
    id: sample(id),
    ...schema.safeParse(examples[0]).data,
    created_at: sample(time),
    updated_at: sample(time),
  };
  return z
    .object({ id, ...schema.shape, created_at: time, updated_at: time })
    .meta({ title: pascal(oneOf(collection)), examples: [example] });
}

/** What a client writes, with the product's examples. */
export function resourceBody({ schema, collection, examples }: Resource) {
  return schema.meta({ title: `${pascal(oneOf(collection))}Input`, examples: [...examples] });
}

/** A merge patch (RFC 7396) of what a client writes. */
export function resourcePatch({ schema, collection, examples }: Resource) {
  const example = Object.fromEntries(Object.entries(examples[0] ?? {}).slice(0, 1));
  return mergePatchOf(schema).meta({ title: `${pascal(oneOf(collection))}Patch`, examples: [example] });
}

/** How documents call an operation and where they list it. */
export function resourceWords(operation: Operation, { collection }: Resource, parents: readonly Resource[]) {
  const [many, one] = [collection.replaceAll('_', ' '), oneOf(collection)];
  const within = parents.toReversed().map((parent) => ` of a ${oneOf(parent.collection)}`);
  const verb = `${operation.slice(0, 1).toUpperCase()}${operation.slice(1)}`;
  const top = parents[0]?.collection.replaceAll('_', ' ') ?? many;
  return {
    tag: `${top.slice(0, 1).toUpperCase()}${top.slice(1)}`,
    summary: `${verb} ${operation === 'list' ? many : `a ${one}`}${within.join('')}`,
  };
}

/** `policies` → `policy`, `check_ins` → `check in`. */
function oneOf(collection: string): string {
  return collection
    .replaceAll('_', ' ')
    .replace(/ies$/, 'y')
    .replace(/([^s])s$/, '$1');
}

function pascal(words: string): string {
  return words.replace(/(?:^|[ _-])(\w)/g, (_all, first: string) => first.toUpperCase());
}

function sample(schema: z.ZodType): unknown {
  const examples = schema.meta()?.examples;
  return Array.isArray(examples) ? examples[0] : undefined;
}

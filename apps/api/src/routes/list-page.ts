import { z } from 'zod';
import type { Page } from '#catalog';
import { refuseUnstorable } from '#http';
import { validationProblem } from './validate.ts';

/** The parameters of every list: `limit` from 1 to 100 (20 when absent) and the `cursor` of the page before. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(2_000).optional(),
};

/** A page out of up to `limit + 1` items: the one too many tells that there is a next page. */
export function toPage<Item>(items: Item[], limit: number, cursorOf: (item: Item) => unknown): Page<Item> {
  const last = items[limit - 1];
  const more = items.length > limit && last !== undefined;
  return { items: items.slice(0, limit), nextCursor: more ? encodeCursor(cursorOf(last)) : null };
}

/**
 * What a cursor holds, or null without one; only a cursor needs its schema made. Problem: `validation_failed` when we
 * never gave out such a cursor.
 */
export function decodeCursor<Value>(
  cursor: string | undefined,
  schema: () => z.ZodType<Value>,
): Value | null {
  if (cursor === undefined) return null;
  const value = parseJson(Buffer.from(cursor, 'base64url').toString('utf8'));
  refuseUnstorable(value);
  const parsed = schema().safeParse(value);
  if (parsed.success) return parsed.data;
  throw validationProblem([{ field: 'cursor', message: 'is not one that a list has answered' }]);
}

function encodeCursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The cursor of lists that are in the order of their ids. */
export const idCursor = z.string().regex(/^[a-z_]+_[0-9a-z]{26}$/);

import { z } from 'zod';
import { modes } from '#catalog';
import { type ApiKeyQuery, type ApiKeySort, apiKeyStatuses } from '#store';
import { decodeCursor, idCursor, pageQuery } from './list-page.ts';
import { timeFilter, utcTime } from './wire-schemas.ts';

/** The fields that keys are sorted by on the wire, and where their values stand in a key. */
const sorts = {
  created_at: 'createdAt',
  name: 'name',
  expires_at: 'expiresAt',
  last_used_at: 'lastUsedAt',
  last_rotated_at: 'rotatedAt',
  status: 'status',
} as const;

const sortNames = ['created_at', 'name', 'expires_at', 'last_used_at', 'last_rotated_at', 'status'] as const;

export const apiKeyListQuery = z.strictObject({
  ...pageQuery,
  mode: z.enum(modes).optional(),
  status: z.enum(apiKeyStatuses).optional(),
  created_from: timeFilter,
  created_to: timeFilter,
  last_used_from: timeFilter,
  last_used_to: timeFilter,
  last_rotated_from: timeFilter,
  last_rotated_to: timeFilter,
  expires_from: timeFilter,
  expires_to: timeFilter,
  sort: z.enum(sortNames.flatMap((name) => [name, `-${name}` as const])).default('-created_at'),
});

type ListQuery = z.infer<typeof apiKeyListQuery>;

/** A `sort` parameter as the store and the cursor want it. */
export function sortOf(parameter: ListQuery['sort']) {
  const name = sortNames.find((each) => parameter === each || parameter === `-${each}`) ?? 'created_at';
  const field: ApiKeySort = name === 'last_rotated_at' ? 'rotated_at' : name;
  return { field, property: sorts[name], descending: parameter.startsWith('-') };
}

/** The filters by time as the store wants them. */
export function timesOf(query: ListQuery): NonNullable<ApiKeyQuery['within']> {
  return {
    created_at: { from: query.created_from, to: query.created_to },
    last_used_at: { from: query.last_used_from, to: query.last_used_to },
    rotated_at: { from: query.last_rotated_from, to: query.last_rotated_to },
    expires_at: { from: query.expires_from, to: query.expires_to },
  };
}

const sortValues: Partial<Record<ApiKeySort, z.ZodType<string | null>>> = {
  name: z.string(),
  status: z.enum(apiKeyStatuses),
};

/** Where a page begins; null without a cursor. Problem: `validation_failed`. */
export function placeOf({ cursor, sort }: ListQuery) {
  const value = sortValues[sortOf(sort).field] ?? utcTime.nullable();
  return decodeCursor(cursor, () => z.object({ sort: z.literal(sort), value, id: idCursor }));
}

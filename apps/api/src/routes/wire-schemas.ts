import { z } from 'zod';

/** A time that a client gives in UTC. PostgreSQL knows no year 0. */
export const utcTime = z.iso.datetime().regex(/^(?!0000)/);

/** The end of a time span in a query: the first moment within it, or the first one after it. */
export const timeFilter = z
  .union([z.iso.date().regex(/^(?!0000)/), utcTime])
  .optional()
  .meta({ description: 'ISO 8601 in UTC; a date is its first moment.' });

/** A time as answers show it: UTC, to the second. */
export const timeAnswer = z.iso.datetime().meta({ examples: ['2026-01-15T09:30:00Z'] });

/** An id that begins with `prefix`. */
export function idAnswer(prefix: string) {
  return z.string().meta({ examples: [`${prefix}_01jhn3v4q8e6xtk2m5r7w9y0bc`] });
}

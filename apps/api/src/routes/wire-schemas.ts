import { z } from 'zod';

/** A time that a client gives in UTC. PostgreSQL knows no year 0. */
export const utcTime = z.iso.datetime().regex(/^(?!0000)/);

/** A time as answers show it: UTC, to the second. */
export const timeAnswer = z.iso.datetime().meta({ examples: ['2026-01-15T09:30:00Z'] });

/** An id that begins with `prefix`. */
export function idAnswer(prefix: string) {
  return z.string().meta({ examples: [`${prefix}_01jhn3v4q8e6xtk2m5r7w9y0bc`] });
}

import { z } from 'zod';

/** How many requests were let through, the first and the last of them when, and how many were refused. */
export const reportSchema = z.object({
  allowed: z.number(),
  refused: z.number(),
  firstMs: z.number(),
  lastMs: z.number(),
});

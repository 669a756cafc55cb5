import { z } from 'zod';

/** What people are written to about their own account: a kind and its data. No secret is in the data. */
export const accountMail = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('verify_email'),
    /** For how many hours the link works. */
    data: z.object({ hours: z.int() }),
  }),
]);

export type AccountMail = z.infer<typeof accountMail>;

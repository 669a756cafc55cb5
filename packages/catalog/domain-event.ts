import { z } from 'zod';

const key = {
  key_id: z.string(),
  name: z.string(),
  /** The prefix and the last four characters of the secret in force. */
  hint: z.string(),
};

/** What happened in an organization, as webhooks and notices tell it. No secret is in one. */
export const domainEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('api_key.expiring'),
    data: z.object({ ...key, expires_at: z.string(), days_left: z.int() }),
  }),
  z.object({
    type: z.literal('api_key.leaked'),
    data: z.object({
      ...key,
      outcome: z.enum(['paused', 'revoked']),
      /** Where the reporter says that it was found: nobody has looked there. */
      found_at: z.string().nullable(),
    }),
  }),
]);

export type DomainEvent = z.infer<typeof domainEvent>;

import { z } from 'zod';

const key = {
  key_id: z.string(),
  name: z.string(),
  /** The prefix and the last four characters of the secret in force. */
  hint: z.string(),
};

/** What people are written to about: all of it about an API key. */
export const mailedEvent = z.discriminatedUnion('type', [
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

export type MailedEvent = z.infer<typeof mailedEvent>;

/** What happened in an organization, as webhooks and notices tell it. No secret is in one. */
export const domainEvent = z.discriminatedUnion('type', [
  ...mailedEvent.options,
  z.object({
    /** A code or a refresh token was used twice, so one of its two users may be a thief: its grant has ended. */
    type: z.literal('grant.reused'),
    data: z.object({
      grant_id: z.string(),
      client_id: z.string(),
      user_id: z.string(),
      reused: z.enum(['authorization_code', 'refresh_token']),
    }),
  }),
]);

export type DomainEvent = z.infer<typeof domainEvent>;

import { z } from 'zod';
import { appDecisions } from './app-policy.ts';

/** What people are written to about their own account: a kind and its data. No secret is in the data. */
export const accountMail = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('verify_email'),
    /** For how many hours the link works. */
    data: z.object({ hours: z.int() }),
  }),
  z.object({
    /** To those who decide: a member asks for an app. */
    kind: z.literal('app_requested'),
    data: z.object({ app: z.string(), organization: z.string(), person: z.string(), message: z.string() }),
  }),
  z.object({
    /** To whoever asked for an app: what was decided. */
    kind: z.literal('app_decided'),
    data: z.object({ app: z.string(), organization: z.string(), decision: z.enum(appDecisions) }),
  }),
]);

export type AccountMail = z.infer<typeof accountMail>;

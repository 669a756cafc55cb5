import { z } from 'zod';
import { roles } from './product.ts';

/** What people are written to about their own account: a kind and its data. No secret is in the data. */
export const accountMail = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('verify_email'),
    /** For how many hours the link works. */
    data: z.object({ hours: z.int() }),
  }),
  z.object({
    kind: z.literal('invitation'),
    /** `inviter` is the name of who invites, when it is a person. */
    data: z.object({
      organization: z.string(),
      inviter: z.string().nullable(),
      role: z.enum(roles),
      days: z.int(),
    }),
  }),
  z.object({
    kind: z.literal('member_added'),
    data: z.object({ organization: z.string(), role: z.enum(roles) }),
  }),
]);

export type AccountMail = z.infer<typeof accountMail>;

/** What the mails of each kind tell. */
export type AccountMailData = { [Mail in AccountMail as Mail['kind']]: Mail['data'] };

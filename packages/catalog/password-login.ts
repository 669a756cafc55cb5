import { z } from 'zod';

/** The client that the product's own programs are, at the authorization server. */
export const firstPartyClientId = 'first-party';

/** Where the API hands a person's password to the authorization server; for the API alone. */
export const passwordLoginPath = '/first-party/login';

/** What comes of it. That it was tried too often is the status 429, with `Retry-After`. */
export const passwordLoginOutcome = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('signed_in'),
    access_token: z.string(),
    expires_in: z.int(),
    scope: z.string(),
  }),
  /** The address and the password don't match, for whatever reason. */
  z.object({ outcome: z.literal('refused') }),
  /** They do, and more is asked for, on a page of the authorization server. */
  z.object({ outcome: z.literal('second_factor'), url: z.url() }),
  /** The person is in no organization whose plan has OAuth. */
  z.object({ outcome: z.literal('no_organization') }),
]);

export type PasswordLoginOutcome = z.infer<typeof passwordLoginOutcome>;

import { z } from 'zod';
import { appDecisions } from './app-policy.ts';
import { roles } from './product.ts';

/** What people are written to about their own account: a kind and its data. No secret is in the data. */
export const accountMail = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('verify_email'),
    /** For how many hours the link works. */
    data: z.object({ hours: z.int() }),
  }),
  z.object({ kind: z.literal('account_exists'), data: z.object({}) }),
  z.object({ kind: z.literal('no_account'), data: z.object({}) }),
  z.object({
    kind: z.literal('reset_password'),
    /** For how many minutes the link works, and whether there was no password so far. */
    data: z.object({ minutes: z.int(), first: z.boolean() }),
  }),
  z.object({ kind: z.literal('password_changed'), data: z.object({}) }),
  z.object({
    /** On a device that had not signed in to the account before. */
    kind: z.literal('new_sign_in'),
    /** When (ISO 8601), from which address, and with what, as far as that is known. */
    data: z.object({
      at: z.iso.datetime(),
      ipAddress: z.string(),
      browser: z.string().nullable(),
      system: z.string().nullable(),
    }),
  }),
  z.object({
    /** The password was right, and what followed was wrong so many times that the sign-in was stopped. */
    kind: z.literal('second_step_failed'),
    data: z.object({ failures: z.int() }),
  }),
  z.object({
    kind: z.literal('email_changed'),
    /** The new address, and for how many days the link takes the account back. */
    data: z.object({ email: z.string(), days: z.int() }),
  }),
  z.object({
    kind: z.literal('second_factor_added'),
    /** The name is a passkey's; for how many days the link takes the account back. */
    data: z.object({ factor: z.enum(['totp', 'passkey']), name: z.string().nullable(), days: z.int() }),
  }),
  z.object({
    kind: z.literal('second_factor_removed'),
    data: z.object({
      factor: z.enum(['totp', 'passkey']),
      name: z.string().nullable(),
      /** Whether the password is enough again. */
      isLast: z.boolean(),
    }),
  }),
  z.object({ kind: z.literal('recovery_code_used'), data: z.object({ left: z.int() }) }),
  z.object({ kind: z.literal('recovery_codes_renewed'), data: z.object({}) }),
  /** The operator reset the password; for how many hours the link works. */
  z.object({ kind: z.literal('password_reset'), data: z.object({ hours: z.int() }) }),
  z.object({ kind: z.literal('account_disabled'), data: z.object({}) }),
  z.object({ kind: z.literal('account_enabled'), data: z.object({}) }),
  /** The operator removed them all. */
  z.object({ kind: z.literal('second_factors_reset'), data: z.object({}) }),
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
]);

export type AccountMail = z.infer<typeof accountMail>;

/** What the mails of each kind tell. */
export type AccountMailData = { [Mail in AccountMail as Mail['kind']]: Mail['data'] };

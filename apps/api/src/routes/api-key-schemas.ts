import { z } from 'zod';
import { type ApiKeys, type Mode, modes, type Product, type Window } from '#catalog';
import { normaliseRange } from '#http';
import { rateLimits } from './key-windows.ts';

type ScopesField = ApiKeys['scopesField'];

const name = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .meta({ examples: ['Nightly export'] });
const mode = z.enum(modes);

// Where an offset could lead out of these years, only UTC is taken.
const withinYears = /^(?!0000|0001-01-01.*\+|9999-12-31.*-\d\d:\d\d$)/;

// assumed: a time in the past is taken, as in the document's own sample; such a key is born expired.
const expiresAt = z.iso
  .datetime({ offset: true })
  .regex(withinYears, 'must be within the years 1 to 9999 of UTC')
  .transform((time) => new Date(time).toISOString())
  .nullable();

/** Lives that the portal offers, in days. */
const lives = { '30_days': 30, '90_days': 90, '1_year': 365, never: null } as const;
const expiresIn = z.enum(['30_days', '90_days', '1_year', 'never']);

interface Expiry {
  expires_at?: string | null | undefined;
  expires_in?: z.infer<typeof expiresIn> | undefined;
}

/** The end of a key that was given as a time or as a life; undefined when as neither. */
function endOf({ expires_at, expires_in }: Expiry): string | null | undefined {
  if (expires_in === undefined) return expires_at;
  const days = lives[expires_in];
  return days === null ? null : new Date(Date.now() + days * 86_400_000).toISOString();
}

const oneExpiry = (body: Expiry) => body.expires_at === undefined || body.expires_in === undefined;
const bothExpiries = { path: ['expires_in'], message: "can't stand beside expires_at" };
const notBothExpiries = { not: { required: ['expires_at', 'expires_in'] } };

const metadata = z
  .record(z.string().min(1).max(40), z.string().max(500))
  .refine((entries) => Object.keys(entries).length <= 50, 'has more than 50 entries')
  .meta({ maxProperties: 50, examples: [{ team: 'data' }] });

/** How documents describe what {@link normaliseRange} takes. */
const patternOf = (form: z.ZodType) => ({ pattern: z.toJSONSchema(form).pattern });
const addressForms = [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()].map(patternOf);

/** The same, for a single address. */
export const singleAddressForms = addressForms.slice(0, 2);

/** At most 100 addresses and CIDR ranges, in canonical form; each wrong one is named. */
export const allowedIps = z
  .array(
    z
      .string()
      .meta({ anyOf: addressForms, examples: ['203.0.113.0/24'] })
      .transform((text, context) => {
        const range = normaliseRange(text.trim());
        if (range === null)
          context.addIssue({ code: 'custom', message: 'is neither an address nor a CIDR range' });
        return range ?? '';
      }),
  )
  .max(100);

/** What a key's maker chooses. */
export interface ApiKeyChoice {
  name: string;
  scopes: string[];
  mode: Mode | undefined;
  expiresAt: string | null;
  allowedIps: string[];
  windows: Window[];
  metadata: Record<string, string>;
}

/** The body that creates a key; its scopes stand under the product's own name for them. */
export function apiKeyCreationBody(product: Product, scopesField: ScopesField): z.ZodType<ApiKeyChoice> {
  const scopes = scopesSchema(product);
  const fields = {
    name,
    mode: mode.optional(),
    expires_at: expiresAt.optional(),
    expires_in: expiresIn.optional(),
    allowed_ips: allowedIps.default([]),
    rate_limits: rateLimits.default([]),
    metadata: metadata.default({}),
  };
  const withScopes = z
    .strictObject({ ...fields, scopes })
    .refine(oneExpiry, bothExpiries)
    .meta(notBothExpiries);
  const withPermissions = z
    .strictObject({ ...fields, permissions: scopes })
    .refine(oneExpiry, bothExpiries)
    .meta(notBothExpiries);
  const choice = (body: Omit<z.infer<typeof withScopes>, 'scopes'>, chosen: string[]): ApiKeyChoice => ({
    name: body.name,
    scopes: chosen,
    mode: body.mode,
    expiresAt: endOf(body) ?? null,
    allowedIps: body.allowed_ips,
    windows: body.rate_limits,
    metadata: body.metadata,
  });
  return scopesField === 'scopes'
    ? withScopes.transform((body) => choice(body, body.scopes))
    : withPermissions.transform((body) => choice(body, body.permissions));
}

/** What a change leaves out, undefined here, stays as it is. A key never changes its mode. */
export type ApiKeyChange = { force: boolean } & {
  [Field in Exclude<keyof ApiKeyChoice, 'mode'>]: ApiKeyChoice[Field] | undefined;
};

/** The body that changes a key. */
export function apiKeyChangeBody(product: Product, scopesField: ScopesField): z.ZodType<ApiKeyChange> {
  const scopes = scopesSchema(product).optional();
  const fields = {
    name: name.optional(),
    expires_at: expiresAt.optional(),
    expires_in: expiresIn.optional(),
    allowed_ips: allowedIps.optional(),
    rate_limits: rateLimits.optional(),
    metadata: metadata.optional(),
    force: z.boolean().default(false),
  };
  const withScopes = z
    .strictObject({ ...fields, scopes })
    .refine(oneExpiry, bothExpiries)
    .meta(notBothExpiries);
  const withPermissions = z
    .strictObject({ ...fields, permissions: scopes })
    .refine(oneExpiry, bothExpiries)
    .meta(notBothExpiries);
  const change = (
    body: Omit<z.infer<typeof withScopes>, 'scopes'>,
    chosen: string[] | undefined,
  ): ApiKeyChange => ({
    name: body.name,
    scopes: chosen,
    force: body.force,
    expiresAt: endOf(body),
    allowedIps: body.allowed_ips,
    windows: body.rate_limits,
    metadata: body.metadata,
  });
  return scopesField === 'scopes'
    ? withScopes.transform((body) => change(body, body.scopes))
    : withPermissions.transform((body) => change(body, body.permissions));
}

/** Scopes by name, or a preset's name for the scopes of the preset. */
function scopesSchema(product: Product) {
  const names = Object.keys(product.scopes);
  const presets = Object.keys(product.presets);
  return z
    .union([z.array(z.enum(names)).min(1), z.enum(presets)], {
      error: `must be a list out of ${names.join(', ')}, or one of ${presets.join(', ')}`,
    })
    .transform((chosen) => [...new Set(typeof chosen === 'string' ? product.presets[chosen] : chosen)]);
}

import { z } from 'zod';
import { type ApiKeys, type Mode, modes, type Product } from '#catalog';
import { normaliseRange } from '#http';
import { pageQuery } from './list-page.ts';

type ScopesField = ApiKeys['scopesField'];

export const apiKeyListQuery = z.strictObject({ ...pageQuery, mode: z.enum(modes).optional() });

const name = z.string().trim().min(1).max(200);
const mode = z.enum(modes);

// assumed: a time in the past is taken, as in the document's own sample; such a key is born expired.
const expiresAt = z.iso
  .datetime({ offset: true })
  .transform((time) => new Date(time).toISOString())
  .nullable();

const allowedIps = z
  .array(
    z.string().transform((text, context) => {
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
}

/** The body that creates a key; its scopes stand under the product's own name for them. */
export function apiKeyCreationBody(product: Product, scopesField: ScopesField): z.ZodType<ApiKeyChoice> {
  const scopes = scopesSchema(product);
  const fields = {
    name,
    mode: mode.optional(),
    expires_at: expiresAt.default(null),
    allowed_ips: allowedIps.default([]),
  };
  const withScopes = z.strictObject({ ...fields, scopes });
  const withPermissions = z.strictObject({ ...fields, permissions: scopes });
  const choice = (body: Omit<z.infer<typeof withScopes>, 'scopes'>, chosen: string[]): ApiKeyChoice => ({
    name: body.name,
    scopes: chosen,
    mode: body.mode,
    expiresAt: body.expires_at,
    allowedIps: body.allowed_ips,
  });
  return scopesField === 'scopes'
    ? withScopes.transform((body) => choice(body, body.scopes))
    : withPermissions.transform((body) => choice(body, body.permissions));
}

/** What a change leaves out, undefined here, stays as it is. A key never changes its mode. */
export type ApiKeyChange = {
  [Field in Exclude<keyof ApiKeyChoice, 'mode'>]: ApiKeyChoice[Field] | undefined;
};

/** The body that changes a key. */
export function apiKeyChangeBody(product: Product, scopesField: ScopesField): z.ZodType<ApiKeyChange> {
  const scopes = scopesSchema(product).optional();
  const fields = {
    name: name.optional(),
    expires_at: expiresAt.optional(),
    allowed_ips: allowedIps.optional(),
  };
  const withScopes = z.strictObject({ ...fields, scopes });
  const withPermissions = z.strictObject({ ...fields, permissions: scopes });
  const change = (
    body: Omit<z.infer<typeof withScopes>, 'scopes'>,
    chosen: string[] | undefined,
  ): ApiKeyChange => ({
    name: body.name,
    scopes: chosen,
    expiresAt: body.expires_at,
    allowedIps: body.allowed_ips,
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

import { z } from 'zod';
import { publicJwks } from './public-jwks.ts';
import { redirectUriMistake } from './redirect-uri.ts';
import type { ScopeRules } from './scope.ts';

/** How a client may get tokens. */
export const grantTypes = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
] as const;

/** How a client proves who it is; `none` makes it a public client, which proves itself with PKCE alone. */
export const clientAuthMethods = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'none',
] as const;
export type ClientAuthMethod = (typeof clientAuthMethods)[number];

/** A `native` client may come back to any port of a loopback address (RFC 8252 §7.3). */
export const applicationTypes = ['web', 'native'] as const;

/** How the answer to an authorization request travels. */
export const responseModes = ['query', 'fragment', 'form_post'] as const;

const name = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .meta({ examples: ['Fleet Monitor'] });

const redirectUri = z
  .string()
  .max(2_000)
  .check(({ value, issues }) => {
    const message = redirectUriMistake(value);
    if (message !== null) issues.push({ code: 'custom', message, input: value });
  });

/** A name and no address. Whether there is such a host shows when somebody goes there. */
const hostName = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

const link = z
  .url({ protocol: /^https$/, hostname: hostName, error: 'must be an https URL' })
  .max(2_000)
  .nullable()
  .default(null);

/**
 * What the maker of an OAuth client chooses, in the words of RFC 7591 §2 where it has one. Each mistake is named with
 * its field.
 */
export function clientChoice({ scopes }: ScopeRules) {
  const names = Object.keys(scopes);
  return z
    .strictObject({
      name,
      logo_uri: link,
      client_uri: link,
      policy_uri: link,
      tos_uri: link,
      application_type: z.enum(applicationTypes).default('web'),
      token_endpoint_auth_method: z.enum(clientAuthMethods).default('client_secret_basic'),
      grant_types: unique(z.array(z.enum(grantTypes)).min(1)).default([
        'authorization_code',
        'refresh_token',
      ]),
      jwks: publicJwks.nullable().default(null),
      dpop_bound_access_tokens: z.boolean().default(false),
      response_modes: unique(z.array(z.enum(responseModes)).min(1))
        .nullable()
        .default(null),
      require_pushed_authorization_requests: z.boolean().default(false),
      redirect_uris: unique(z.array(redirectUri).max(20))
        .default([])
        .meta({ examples: [['https://yourapp.com/callback']] }),
      backchannel_logout_uri: link,
      post_logout_redirect_uris: unique(z.array(redirectUri).max(20)).default([]),
      scopes: unique(z.array(z.enum(names, { error: `must be one of ${names.join(', ')}` })).min(1)),
    })
    .check(({ value, issues }) => {
      for (const { field, message } of choiceMistakes(value)) {
        issues.push({ code: 'custom', path: [field], message, input: value });
      }
    });
}

export type ClientChoice = z.infer<ReturnType<typeof clientChoice>>;

function choiceMistakes(choice: ClientChoice): { field: keyof ClientChoice; message: string }[] {
  const mistakes: { field: keyof ClientChoice; message: string }[] = [];
  const has = (grant: ClientChoice['grant_types'][number]) => choice.grant_types.includes(grant);
  const refuse = (wrong: boolean, field: keyof ClientChoice, message: string) => {
    if (wrong) mistakes.push({ field, message });
  };
  refuse(
    has('authorization_code') && choice.redirect_uris.length === 0,
    'redirect_uris',
    'must have an entry for the grant authorization_code',
  );
  refuse(
    has('refresh_token') && choice.grant_types.length === 1,
    'grant_types',
    'must name the grant that gives the first refresh token',
  );
  refuse(
    has('client_credentials') && choice.token_endpoint_auth_method === 'none',
    'grant_types',
    'must not name client_credentials for a public client, which proves nothing',
  );
  refuse(
    choice.token_endpoint_auth_method === 'private_key_jwt' && choice.jwks === null,
    'jwks',
    'must have the public key of a client that uses private_key_jwt',
  );
  for (const field of ['redirect_uris', 'post_logout_redirect_uris'] as const) {
    refuse(
      choice.application_type === 'native' && choice[field].some(isHttpsLoopback),
      field,
      'must be http on loopback for a native client',
    );
  }
  return mistakes;
}

function isHttpsLoopback(uri: string): boolean {
  return /^https:\/\/(localhost|127\.0\.0\.1|\[::1\])([:/?]|$)/i.test(uri);
}

/** Without what stands there twice. An overwrite, and no transform, keeps default and example in documents. */
function unique<Item extends z.ZodType>(list: z.ZodArray<Item>) {
  return list.overwrite((items) => [...new Set(items)]);
}

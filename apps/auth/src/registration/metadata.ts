import { errors } from 'oidc-provider';
import { z } from 'zod';
import { type ClientChoice, clientChoice, missingScopes, type Product } from '#catalog';
import { type Client, choiceOf } from '#store';
import { splitScopes } from '../scopes.ts';

/** The fields that mean the same to RFC 7591 and to us. */
const shared = [
  'logo_uri',
  'client_uri',
  'policy_uri',
  'tos_uri',
  'application_type',
  'token_endpoint_auth_method',
  'grant_types',
  'jwks',
  'dpop_bound_access_tokens',
  'response_modes',
  'require_pushed_authorization_requests',
  'redirect_uris',
  'post_logout_redirect_uris',
  'backchannel_logout_uri',
] as const;

const own = z.looseObject({
  client_name: z.string().nullish(),
  scope: z.string().nullish(),
  response_types: z.array(z.literal('code')).nullish(),
});

/**
 * Client metadata of RFC 7591 §2 as a choice of ours, its scopes within `allowed`; all of these when it names none.
 * Fields that we don't know are left aside. Throws `invalid_redirect_uri` and `invalid_client_metadata`.
 */
export function choiceOfMetadata(product: Product, allowed: readonly string[], body: unknown): ClientChoice {
  const metadata = parse(own, body);
  const scopes = metadata.scope?.split(' ').filter((name) => isOfApi(product, name)) ?? [];
  const given = shared.flatMap((name) => (metadata[name] == null ? [] : [[name, metadata[name]]]));
  const choice = parse(clientChoice(product), {
    ...Object.fromEntries(given),
    name: metadata.client_name ?? 'Unnamed app',
    scopes: scopes.length > 0 ? scopes : allowed,
  });
  const [missing] = missingScopes(product, allowed, choice.scopes);
  if (missing === undefined) return choice;
  throw new errors.InvalidClientMetadata(`scope can't have ${missing}: the token was not made for it`);
}

/** Also of one that doesn't exist, which is then refused. */
function isOfApi(product: Product, scope: string): boolean {
  return scope !== '' && splitScopes(product, [scope]).oidc.length === 0;
}

/** oidc-provider makes `invalid_redirect_uri` of what begins with that field. */
function parse<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const words = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim());
  throw new errors.InvalidClientMetadata(words.join('; '));
}

/** A client as RFC 7591 §3.2.1 tells it, without its secret. */
export function metadataOf(client: Client): object {
  const { name, scopes, ...choice } = choiceOf(client);
  return {
    client_id: client.id,
    client_id_issued_at: Math.floor(Date.parse(client.createdAt) / 1000),
    client_name: name,
    scope: scopes.join(' '),
    response_types: client.grantTypes.includes('authorization_code') ? ['code'] : [],
    ...Object.fromEntries(Object.entries(choice).filter(([, value]) => value !== null)),
  };
}

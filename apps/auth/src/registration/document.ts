import { errors } from 'oidc-provider';
import { z } from 'zod';
import { type ClientChoice, type Product, responseModes } from '#catalog';
import { documentError } from '../document-error.ts';
import { choiceOfMetadata } from './metadata.ts';

/** How a client that nobody registered may get tokens, and prove itself: there is no secret that both would know. */
const grantTypes = ['authorization_code', 'refresh_token'];
const authMethods = ['none', 'private_key_jwt'];

/** What its page shows from elsewhere, which could be anybody's. */
const links = ['logo_uri', 'client_uri', 'policy_uri', 'tos_uri'];

const own = z.looseObject({
  grant_types: z.array(z.string()).default(grantTypes),
  token_endpoint_auth_method: z.enum(authMethods).default('none'),
  response_modes: z.array(z.string()).nullish(),
  scope: z.string().default(''),
  client_secret: z.never().optional(),
  client_secret_expires_at: z.never().optional(),
});

/**
 * What a client says of itself in the document at the URL `id`, as a choice of ours. A document is written for many
 * servers: grants, response modes and scopes that we don't have are left aside, as are links to other hosts. Without a scope of ours
 * it may ask for all but the one above all. Throws `invalid_client`.
 */
export function choiceOfDocument(
  product: Product,
  id: string,
  document: Record<string, unknown>,
): ClientChoice {
  if (document.client_id !== id) throw unusable('its client_id is not the URL that it stands at');
  const parsed = own.safeParse(document);
  if (!parsed.success) {
    throw unusable(parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '));
  }
  const { grant_types, response_modes, scope, ...metadata } = parsed.data;
  const all = Object.keys(product.scopes);
  const asked = scope.split(' ').filter((name) => all.includes(name));
  const allowed = asked.length > 0 ? asked : all.filter((name) => name !== product.superScope);
  try {
    return choiceOfMetadata(product, allowed, {
      ...withoutForeignLinks(metadata, new URL(id).host),
      grant_types: grant_types.filter((type) => grantTypes.includes(type)),
      response_modes: response_modes?.filter((mode) => responseModes.some((ours) => ours === mode)),
      scope: '',
    });
  } catch (error) {
    if (!(error instanceof errors.InvalidClientMetadata)) throw error;
    throw unusable(error.error_description ?? error.error);
  }
}

function withoutForeignLinks(metadata: Record<string, unknown>, host: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(metadata).filter(
      ([name, value]) => !links.includes(name) || URL.parse(String(value))?.host === host,
    ),
  );
}

function unusable(why: string): errors.InvalidClient {
  return documentError(`the client's document can't be used: ${why}`);
}

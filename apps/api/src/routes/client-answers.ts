import { z } from 'zod';
import {
  applicationTypes,
  clientAuthMethods,
  grantTypes,
  publicJwks,
  responseModes,
  wireTime,
} from '#catalog';
import { type Client, type ClientSecret, choiceOf } from '#store';
import { idAnswer, timeAnswer } from './wire-schemas.ts';

const secretFields = {
  id: idAnswer('sec'),
  hint: z.string().meta({ description: 'The last four characters.' }),
  last_used_at: timeAnswer.nullable(),
  created_at: timeAnswer,
};

const shownOnce = z.string().meta({ description: 'The secret itself. It is shown this once.' });

const clientFields = {
  id: idAnswer('client').meta({ description: 'Its client_id.' }),
  name: z.string().meta({ examples: ['Fleet Monitor'] }),
  type: z.enum(['confidential', 'public']),
  logo_uri: z.string().nullable(),
  client_uri: z.string().nullable(),
  policy_uri: z.string().nullable(),
  tos_uri: z.string().nullable(),
  application_type: z.enum(applicationTypes),
  token_endpoint_auth_method: z.enum(clientAuthMethods),
  grant_types: z.array(z.enum(grantTypes)),
  jwks: publicJwks.nullable(),
  dpop_bound_access_tokens: z.boolean(),
  response_modes: z
    .array(z.enum(responseModes))
    .nullable()
    .meta({ description: 'By which it may be answered; null: by any.' }),
  require_pushed_authorization_requests: z.boolean(),
  redirect_uris: z.array(z.string()).meta({ examples: [['https://yourapp.com/callback']] }),
  backchannel_logout_uri: z.string().nullable(),
  post_logout_redirect_uris: z.array(z.string()),
  scopes: z.array(z.string()),
  secrets: z.array(z.object(secretFields)).meta({ description: 'The live ones: two during a rotation.' }),
  created_by: idAnswer('user').nullable(),
  created_at: timeAnswer,
  updated_at: timeAnswer,
};

/** A client on the wire. */
export const clientAnswer = z.object(clientFields).meta({ title: 'Client' });

/** The same with its first secret; null for a client that has none. */
export const createdClientAnswer = z
  .object({ ...clientFields, client_secret: shownOnce.nullable() })
  .meta({ title: 'CreatedClient' });

/** One secret, as its making shows it. */
export const createdSecretAnswer = z
  .object({ ...secretFields, client_secret: shownOnce })
  .meta({ title: 'CreatedClientSecret' });

export function presentClient(client: Client): z.infer<typeof clientAnswer> {
  return {
    id: client.id,
    type: client.type,
    ...choiceOf(client),
    secrets: client.secrets.map(presentSecret),
    created_by: client.createdBy,
    created_at: wireTime(client.createdAt),
    updated_at: wireTime(client.updatedAt),
  };
}

export function presentSecret({ id, hint, lastUsedAt, createdAt }: ClientSecret) {
  return {
    id,
    hint,
    last_used_at: lastUsedAt && wireTime(lastUsedAt),
    created_at: wireTime(createdAt),
  };
}

import { z } from 'zod';
import { type ApiKeys, modes, type Product } from '#catalog';
import { apiKeyStatuses } from '#store';
import { rateLimitsAnswer } from './key-windows.ts';
import { idAnswer, timeAnswer } from './wire-schemas.ts';

const hint = z.string().meta({ description: 'The prefix and the last four characters.' });

const keyFields = z.object({
  id: idAnswer('key'),
  name: z.string().meta({ examples: ['Nightly export'] }),
  mode: z.enum(modes),
  status: z.enum(apiKeyStatuses),
  hint,
  allowed_ips: z.array(z.string()).meta({ examples: [['203.0.113.0/24']] }),
  rate_limits: rateLimitsAnswer,
  metadata: z.record(z.string(), z.string()).meta({ examples: [{ team: 'data' }] }),
  expires_at: timeAnswer.nullable(),
  last_used_at: timeAnswer.nullable(),
  last_used_ip: z.string().nullable(),
  last_used_user_agent: z.string().nullable(),
  last_rotated_at: timeAnswer.nullable(),
  created_by: idAnswer('user').nullable(),
  client_id: idAnswer('client')
    .nullable()
    .meta({ description: 'The client that made it, by itself or for its user.' }),
  maker_removed: z.boolean().meta({
    description:
      'Whether its maker is no member any more, or disabled by the operator, or its client or the consent to that one is gone.',
  }),
  created_at: timeAnswer,
  updated_at: timeAnswer,
});

/** A key on the wire, but for its scopes, whose name is the product's. */
export type ApiKeyAnswer = z.infer<typeof keyFields>;

export const rotationAnswer = z
  .object({
    pending: z.object({ hint, grace_seconds: z.int(), created_at: timeAnswer }).nullable(),
    retiring: z
      .object({
        hint,
        expires_at: timeAnswer,
        used_by: z.array(z.object({ ip_address: z.string(), requests: z.int(), last_used_at: timeAnswer })),
      })
      .nullable(),
  })
  .meta({ title: 'Rotation', examples: [{ pending: null, retiring: null }] });

/** A key on the wire. */
export function apiKeyAnswer(product: Product, name: ApiKeys['scopesField']): z.ZodType<ApiKeyAnswer> {
  return keyFields.extend(scopesField(product, name)).meta({ title: 'ApiKey' });
}

/** The same with the secret itself, which is shown this once. */
export function mintedKeyAnswer(
  product: Product,
  name: ApiKeys['scopesField'],
): z.ZodType<ApiKeyAnswer & { key: string }> {
  return keyFields
    .extend({ ...scopesField(product, name), ...secret(product) })
    .meta({ title: 'MintedApiKey' });
}

/** The same after a rotation, with how it stands. */
export function rotatedKeyAnswer(
  product: Product,
  name: ApiKeys['scopesField'],
): z.ZodType<ApiKeyAnswer & { key: string; rotation: z.infer<typeof rotationAnswer> }> {
  const fields = { ...scopesField(product, name), ...secret(product), rotation: rotationAnswer };
  return keyFields.extend(fields).meta({ title: 'RotatedApiKey' });
}

function secret({ keys }: Product) {
  const key = z.string().meta({
    description: 'The key itself. It is shown this once.',
    examples: [`${keys.prefixes.live}…`],
  });
  return { key };
}

/** The scopes under the product's name for them. */
function scopesField({ scopes }: Product, name: ApiKeys['scopesField']) {
  const [first = ''] = Object.keys(scopes);
  const list = z.array(z.string()).meta({ examples: [[first]] });
  return name === 'scopes' ? { scopes: list } : { permissions: list };
}

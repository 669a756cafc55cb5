import { z } from 'zod';

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);
/** 2,048 bits in base64url. */
const minModulusLength = 342;

const shared = {
  kid: z.string().min(1).max(200).optional(),
  alg: z.string().max(50).optional(),
  use: z.literal('sig').optional(),
};

const publicJwk = z.discriminatedUnion('kty', [
  z.strictObject({
    kty: z.literal('EC'),
    ...shared,
    crv: z.enum(['P-256', 'P-384', 'P-521']),
    x: base64url,
    y: base64url,
  }),
  z.strictObject({ kty: z.literal('OKP'), ...shared, crv: z.literal('Ed25519'), x: base64url }),
  z.strictObject({ kty: z.literal('RSA'), ...shared, n: base64url.min(minModulusLength), e: base64url }),
]);

/** The public keys of a client (RFC 7517 §5). A private part is refused, as is whatever else a key has no need of. */
export const publicJwks = z.strictObject({ keys: z.array(publicJwk).min(1).max(10) });
export type PublicJwks = z.infer<typeof publicJwks>;

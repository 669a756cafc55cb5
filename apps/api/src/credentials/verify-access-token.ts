import {
  decodeProtectedHeader,
  errors,
  importJWK,
  type JWTHeaderParameters,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import { z } from 'zod';
import { Problem } from '#catalog';
import { hashSecret } from '#crypto';
import { findSigningKey, type Queryable } from '#store';

/** What a verified access token says (RFC 9068 §2.2); `expiresAt` in seconds since 1970. */
export interface AccessTokenClaims {
  organizationId: string;
  userId: string;
  clientId: string;
  scopes: string[];
  /** Null when the client has the token in its own name. */
  grantId: string | null;
  jti: string;
  /** Which key signed it. */
  keyId: string;
  expiresAt: number;
  /** The thumbprint of the key that must prove possession; null for a bearer token. */
  thumbprint: string | null;
}

export type VerifyAccessToken = (token: string) => Promise<AccessTokenClaims>;

const maxCached = 10_000;

const claimsSchema = z.object({
  org_id: z.string(),
  sub: z.string(),
  client_id: z.string(),
  scope: z.string(),
  grant_id: z.string().nullable().default(null),
  jti: z.string(),
  exp: z.number(),
  cnf: z.object({ jkt: z.string() }).optional(),
});

/**
 * Makes a verifier of the authorization server's JWT access tokens. The signing keys come from the database, so a
 * check costs no call to that server; a signature once verified is remembered. It proves what the token says, not that
 * it still holds: that it has not expired, nor lost what it stands on or the key that signed it, is for the caller to
 * check.
 *
 * Problem: `invalid_credential`.
 */
export function accessTokenVerifier(
  db: Queryable,
  { issuer, audience }: { issuer: string; audience: string },
): VerifyAccessToken {
  const keys = new Map<string, ReturnType<typeof importJWK>>();
  const verified = new Map<string, AccessTokenClaims>();

  async function keyById(kid: string | undefined): ReturnType<typeof importJWK> {
    const known = keys.get(kid ?? '');
    if (known) return known;
    const found = await findSigningKey(db, kid);
    if (!found) throw new Problem('invalid_credential', 'signed with an unknown key');
    const key = importJWK(found.publicJwk, 'ES256');
    keys.set(found.id, key);
    return key;
  }

  async function verify(token: string): Promise<AccessTokenClaims> {
    try {
      const options = { issuer, audience, algorithms: ['ES256'], typ: 'at+jwt' };
      const { payload, protectedHeader } = await jwtVerify(
        token,
        (header: JWTHeaderParameters) => keyById(header.kid),
        options,
      );
      return toClaims(payload, protectedHeader.kid);
    } catch (error) {
      if (error instanceof errors.JWTExpired)
        return toClaims(error.payload, decodeProtectedHeader(token).kid);
      if (error instanceof errors.JOSEError)
        throw new Problem('invalid_credential', error.message, { cause: error });
      throw error;
    }
  }

  return async (token) => {
    const id = hashSecret(token).toString('base64');
    const known = verified.get(id);
    if (known) return known;
    const claims = await verify(token);
    if (verified.size >= maxCached) verified.delete(verified.keys().next().value ?? '');
    verified.set(id, claims);
    return claims;
  };
}

function toClaims(payload: JWTPayload, keyId = ''): AccessTokenClaims {
  const parsed = claimsSchema.safeParse(payload);
  if (!parsed.success) throw new Problem('invalid_credential', 'the access token lacks a claim');
  const { org_id, sub, client_id, scope, grant_id, jti, exp, cnf } = parsed.data;
  return {
    organizationId: org_id,
    userId: sub,
    clientId: client_id,
    scopes: scope.split(' '),
    grantId: grant_id,
    jti,
    keyId,
    expiresAt: exp,
    thumbprint: cnf?.jkt ?? null,
  };
}

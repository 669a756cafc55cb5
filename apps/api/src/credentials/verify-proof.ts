import { calculateJwkThumbprint, EmbeddedJWK, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { Problem } from '#catalog';
import { hashSecret, isTimedNonce, timedNonce } from '#crypto';
import { proofAlgorithms } from '#http';
import { type Database, findNonceSecret, useProof } from '#store';

/** What a proof of possession has to be about. */
export interface ProofFacts {
  /** The `DPoP` headers of the request. */
  proofs: readonly string[];
  method: string;
  /** The URL that the client called; its query doesn't count. */
  url: string;
  accessToken: string;
  /** The thumbprint of the key that the token is bound to (RFC 7638). */
  thumbprint: string;
}

export interface ProofVerifier {
  /**
   * Lets a proof pass that is new, about this very request and token, and signed with the token's key (RFC 9449 §4.3).
   *
   * Problem: `invalid_credential`, with the DPoP error that the client is told.
   */
  verify(facts: ProofFacts): Promise<void>;
  /** The nonce that the client's next proof should have. */
  nonce(): Promise<string>;
}

/** As long as a nonce can be good, and more: no proof can come again after that. */
const replaySeconds = 5 * 60;

const claims = z.object({
  htm: z.string(),
  htu: z.string(),
  jti: z.string().min(1).max(500),
  iat: z.number(),
  ath: z.string(),
  nonce: z.string().optional(),
});

/**
 * Makes a verifier of DPoP proofs. Each needs a nonce of ours, so none can be made long before it is used; which
 * were used is in the database, so none can be used again at another process.
 */
export function proofVerifier(db: Database): ProofVerifier {
  let secret: Promise<Buffer> | null = null;
  const nonceSecret = () => {
    secret ??= findNonceSecret(db).catch((error) => {
      secret = null;
      throw error;
    });
    return secret;
  };

  return {
    nonce: async () => timedNonce(await nonceSecret()),
    async verify({ proofs, method, url, accessToken, thumbprint }) {
      const [proof] = proofs;
      if (proof === undefined || proofs.length > 1) {
        const mend = 'Send one in the header DPoP with each request.';
        throw invalidProof(`The request has ${proofs.length} DPoP proofs.`, mend);
      }
      const { protectedHeader, payload } = await jwtVerify(proof, EmbeddedJWK, {
        typ: 'dpop+jwt',
        algorithms: proofAlgorithms,
      }).catch((error) => {
        if (error instanceof errors.JOSEError || error instanceof TypeError)
          throw invalidProof(`The DPoP proof can't be verified: ${error.message}.`, wellMade);
        throw error;
      });
      const parsed = claims.safeParse(payload);
      if (!parsed.success) throw invalidProof('A claim is missing.', claimsNeeded);
      const { htm, htu, jti, ath, nonce } = parsed.data;
      const key = protectedHeader.jwk;
      if (!key || (await calculateJwkThumbprint(key)) !== thumbprint) {
        throw invalidProof(
          "The proof is of another key than the token's.",
          'Sign it with the key of the token request.',
        );
      }
      if (htm !== method) throw invalidProof('Its htm is another method.', `Make it for ${method}.`);
      if (withoutQuery(htu) !== withoutQuery(url)) {
        throw invalidProof('Its htu is another URL.', `Make it for ${withoutQuery(url)}.`);
      }
      if (ath !== hashSecret(accessToken).toString('base64url')) {
        throw invalidProof(
          'Its ath is of another token.',
          'It has to be the SHA-256 of the token that is sent, in base64url.',
        );
      }
      if (nonce === undefined || !isTimedNonce(await nonceSecret(), nonce)) {
        throw new Problem('invalid_credential', 'The proof needs a new nonce.', {
          dpopError: 'use_dpop_nonce',
          mend: "Make a new proof with the nonce of this answer's DPoP-Nonce; a library does so by itself.",
        });
      }
      const id = hashSecret(`${thumbprint} ${jti}`).toString('base64url');
      if (!(await useProof(db, id, replaySeconds))) {
        throw invalidProof(
          'The proof was used before.',
          'Make a new proof, with a jti of its own, for each request.',
        );
      }
    },
  };
}

const wellMade = `Make it of type dpop+jwt, with its public key as jwk, signed by ${proofAlgorithms.join(' or ')}.`;
const claimsNeeded = 'The proof needs htm, htu, jti, iat and ath.';

function invalidProof(detail: string, mend: string): Problem {
  return new Problem('invalid_credential', detail, { dpopError: 'invalid_dpop_proof', mend });
}

function withoutQuery(text: string): string | null {
  const url = URL.parse(text);
  if (!url) return null;
  url.search = '';
  url.hash = '';
  return url.href;
}

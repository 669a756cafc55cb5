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
      if (proof === undefined || proofs.length > 1) throw invalidProof('the request needs one DPoP proof');
      const { protectedHeader, payload } = await jwtVerify(proof, EmbeddedJWK, {
        typ: 'dpop+jwt',
        algorithms: proofAlgorithms,
      }).catch((error) => {
        if (error instanceof errors.JOSEError || error instanceof TypeError)
          throw invalidProof(error.message);
        throw error;
      });
      const parsed = claims.safeParse(payload);
      if (!parsed.success) throw invalidProof('a claim is missing');
      const { htm, htu, jti, ath, nonce } = parsed.data;
      const key = protectedHeader.jwk;
      if (!key || (await calculateJwkThumbprint(key)) !== thumbprint) throw invalidProof('another key');
      if (htm !== method) throw invalidProof('another method');
      if (withoutQuery(htu) !== withoutQuery(url)) throw invalidProof('another URL');
      if (ath !== hashSecret(accessToken).toString('base64url')) throw invalidProof('another token');
      if (nonce === undefined || !isTimedNonce(await nonceSecret(), nonce)) {
        throw new Problem('invalid_credential', 'the proof needs a new nonce', {
          dpopError: 'use_dpop_nonce',
        });
      }
      const id = hashSecret(`${thumbprint} ${jti}`).toString('base64url');
      if (!(await useProof(db, id, replaySeconds))) throw invalidProof('it was used before');
    },
  };
}

function invalidProof(detail: string): Problem {
  return new Problem('invalid_credential', `DPoP: ${detail}`, { dpopError: 'invalid_dpop_proof' });
}

function withoutQuery(text: string): string | null {
  const url = URL.parse(text);
  if (!url) return null;
  url.search = '';
  url.hash = '';
  return url.href;
}

import type { RequestHandler } from 'express';
import { Problem, type Product } from '#catalog';
import { parseApiKey } from '#crypto';
import { clientAddress, isAddressAllowed } from '#http';
import type { Queryable } from '#store';
import { type Caller, callerOf, setCaller, setSender } from '../caller.ts';
import { authenticateKey } from './authenticate-key.ts';
import { authenticateToken, senderOfToken } from './authenticate-token.ts';
import { namedOrganization } from './named-organization.ts';
import { readCredential } from './read-credential.ts';
import type { AccessTokenClaims, VerifyAccessToken } from './verify-access-token.ts';
import type { ProofFacts, ProofVerifier } from './verify-proof.ts';

/**
 * Turns the request's credential into a `Caller`, and notes whose it is also when it is refused.
 *
 * Problems: `missing_credential`, `conflicting_credentials`, `invalid_credential`, `expired_credential`.
 */
export function authenticate(
  db: Queryable,
  product: Product,
  { verify, proofs, apiUrl }: { verify: VerifyAccessToken; proofs: ProofVerifier; apiUrl: string },
): RequestHandler {
  return async (request, response, next) => {
    const { text, inKeyHeader, withProof } = readCredential(request, product.keys.header);
    if (!withProof && parseApiKey(text, product.keys.prefixes)) {
      setCaller(response, await authenticateKey(db, product, text, response));
    } else if (!inKeyHeader && text.split('.').length === 3) {
      const claims = await verify(text);
      setSender(response, senderOfToken(claims));
      if (withProof) response.setHeader('DPoP-Nonce', await proofs.nonce());
      await requireProof(proofs, claims, withProof, {
        proofs: request.headersDistinct.dpop ?? [],
        method: request.method,
        url: apiUrl.replace(/\/$/, '') + request.originalUrl,
        accessToken: text,
      });
      const organizationId = namedOrganization(product, request);
      const caller = await authenticateToken(db, product, claims, organizationId);
      setSender(response, { ...senderOfToken(claims), organizationId: caller.organizationId });
      setCaller(response, caller);
    } else {
      throw new Problem('invalid_credential', 'neither a well-formed key nor a token');
    }
    next();
  };
}

/** A token that is bound to a key is good with a proof of it alone, and no other token with one. */
async function requireProof(
  proofs: ProofVerifier,
  { thumbprint }: AccessTokenClaims,
  withProof: boolean,
  facts: Omit<ProofFacts, 'thumbprint'>,
): Promise<void> {
  if ((thumbprint !== null) !== withProof) {
    const dpopError = 'invalid_token';
    throw thumbprint === null
      ? new Problem('invalid_credential', 'The token is not bound to a key.', {
          dpopError,
          mend: 'Send it as Authorization: Bearer, or ask for a bound one with a proof in the token request.',
        })
      : new Problem('invalid_credential', 'The token is bound to a key.', {
          dpopError,
          mend: 'Send it as Authorization: DPoP, with a proof of that key.',
        });
  }
  if (thumbprint !== null) await proofs.verify({ ...facts, thumbprint });
}

/** Lets a request go on from an address that the caller may come from. Problem: `ip_not_allowed`. */
export function checkAddress(): RequestHandler {
  return (request, _response, next) => {
    requireAllowedAddress(callerOf(request), clientAddress(request));
    next();
  };
}

/** Problem: `ip_not_allowed` when an allowlist of the caller's doesn't have the address. */
export function requireAllowedAddress({ allowlists }: Caller, address: string): void {
  const missing = allowlists.find((ranges) => !isAddressAllowed(address, ranges));
  if (!missing) return;
  const whose = missing === allowlists[0] ? "the organization's allowlist" : "the key's allowlist";
  const mend = `Add ${address} to ${whose}, or call from an address on it.`;
  throw new Problem('ip_not_allowed', `${address} is not on ${whose} (${some(missing)}).`, { mend });
}

const shown = 5;

function some(ranges: readonly string[]): string {
  const more = ranges.length > shown ? ` and ${ranges.length - shown} more` : '';
  return ranges.slice(0, shown).join(', ') + more;
}

import type { RequestHandler } from 'express';
import { Problem, type Product } from '#catalog';
import { parseApiKey } from '#crypto';
import { clientAddress, isAddressAllowed } from '#http';
import type { Queryable } from '#store';
import { type Caller, callerOf, setCaller } from '../caller.ts';
import { authenticateKey } from './authenticate-key.ts';
import { authenticateToken } from './authenticate-token.ts';
import { readCredential } from './read-credential.ts';
import type { VerifyAccessToken } from './verify-access-token.ts';

/**
 * Turns the request's credential into a `Caller`, and notes whose it is also when it is refused.
 *
 * Problems: `missing_credential`, `conflicting_credentials`, `invalid_credential`, `expired_credential`.
 */
export function authenticate(db: Queryable, product: Product, verify: VerifyAccessToken): RequestHandler {
  return async (request, response, next) => {
    const { text, inKeyHeader } = readCredential(request, product.keys.header);
    if (parseApiKey(text, product.keys.prefixes)) {
      setCaller(response, await authenticateKey(db, product, text, response));
    } else if (!inKeyHeader && text.split('.').length === 3) {
      setCaller(response, await authenticateToken(db, product, await verify(text), response));
    } else {
      throw new Problem('invalid_credential', 'neither a well-formed key nor a token');
    }
    next();
  };
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

import type { IncomingMessage } from 'node:http';
import { Problem } from '#catalog';

export interface SentCredential {
  text: string;
  /** Sent in the product's key header, where an access token has no place. */
  inKeyHeader: boolean;
  /** Sent with the scheme `DPoP` (RFC 9449 §7.1), which takes bound access tokens alone. */
  withProof: boolean;
}

/**
 * The one credential of a request, from `Authorization: Bearer` (RFC 6750 §2.1), `Authorization: DPoP` or the product's
 * key header.
 *
 * Problems: `missing_credential`; `conflicting_credentials` when two different ones were sent.
 */
export function readCredential(request: IncomingMessage, keyHeader: string | undefined): SentCredential {
  // Not `headers`, where Node keeps only the first of several Authorization lines.
  const authorization = request.headersDistinct.authorization ?? [];
  const bearer = authorization.map((header) => tokenOf(header, 'bearer')).filter((token) => token !== null);
  const bound = authorization.map((header) => tokenOf(header, 'dpop')).filter((token) => token !== null);
  const keys = (keyHeader && request.headersDistinct[keyHeader.toLowerCase()]) || [];

  const different = new Set([...bearer, ...keys.map((key) => key.trim())]);
  if (different.size + new Set(bound).size > 1)
    throw new Problem('conflicting_credentials', 'two different credentials');
  const [text] = [...different, ...bound];
  if (text === undefined || text === '') throw new Problem('missing_credential', 'no credential');
  return { text, inKeyHeader: bearer.length + bound.length === 0, withProof: bound.length > 0 };
}

function tokenOf(header: string, wanted: 'bearer' | 'dpop'): string | null {
  const [, scheme, token] = /^(\S+) +(\S+)$/.exec(header.trim()) ?? [];
  return scheme?.toLowerCase() === wanted ? (token ?? null) : null;
}

import type { IncomingMessage } from 'node:http';
import { Problem } from '#catalog';

export interface SentCredential {
  text: string;
  /** Sent in the product's key header, where an access token has no place. */
  inKeyHeader: boolean;
}

/**
 * The one credential of a request, from `Authorization: Bearer` (RFC 6750 §2.1) or the product's key header.
 *
 * Problems: `missing_credential`; `conflicting_credentials` when two different ones were sent.
 */
export function readCredential(request: IncomingMessage, keyHeader: string | undefined): SentCredential {
  // Not `headers`, where Node keeps only the first of several Authorization lines.
  const authorization = request.headersDistinct.authorization ?? [];
  const bearer = authorization.map(bearerToken).filter((token) => token !== null);
  const keys = (keyHeader && request.headersDistinct[keyHeader.toLowerCase()]) || [];

  const different = new Set([...bearer, ...keys.map((key) => key.trim())]);
  if (different.size > 1) throw new Problem('conflicting_credentials', 'two different credentials');
  const [text] = different;
  if (text === undefined || text === '') throw new Problem('missing_credential', 'no credential');
  return { text, inKeyHeader: bearer.length === 0 };
}

function bearerToken(header: string): string | null {
  return /^bearer +(\S+)$/i.exec(header.trim())?.[1] ?? null;
}

import { errors } from 'oidc-provider';

const maxLength = 500;

/**
 * The `invalid_client` of a client whose document can't be used: why, in the characters that a description may have
 * (RFC 6749 §5.2), whatever the document has. The cause is for the log alone.
 */
export function documentError(why: string, cause?: unknown): errors.InvalidClient {
  return new errors.InvalidClient(why.slice(0, maxLength).replace(/[^ -~]|["\\]/g, "'"), { cause });
}

/**
 * What is wrong with a redirect URI that a client wants to register, or null: absolute, https but on loopback,
 * without fragment, user information or wildcard (RFC 6749 §3.1.2, RFC 9700 §2.1).
 */
export function redirectUriMistake(text: string): string | null {
  if (/[\s\\\p{Cc}]/u.test(text)) return 'must have no space, backslash or control character';
  if (!URL.canParse(text)) return 'is not an absolute URL';
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url)))
    return 'must be https, or http on loopback';
  if (text.includes('#')) return 'must have no fragment';
  if (url.username !== '' || url.password !== '') return 'must have no user information';
  if (text.includes('*')) return 'must have no wildcard';
  return null;
}

/** Whether a redirect URI leads to the user's own machine, where any program could be the one that listens. */
export function isLoopback({ hostname }: URL): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
}

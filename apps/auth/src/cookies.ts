import type { IncomingMessage } from 'node:http';

/**
 * The name of a cookie. Over https it has a prefix, by which browsers take the cookie over https alone and, with `__Host-`,
 * from this very host (RFC 6265bis §4.1.3): nobody else can plant one. A cookie of another path than `/` has `__Secure-`.
 */
export function cookieName(
  issuer: string,
  name: string,
  prefix: '__Host-' | '__Secure-' = '__Host-',
): string {
  return isHttps(issuer) ? prefix + name : name;
}

/** What each cookie of ours has; its path comes beside it. */
export function cookieAttributes(issuer: string) {
  return { httpOnly: true, sameSite: 'lax', secure: isHttps(issuer) } as const;
}

/** The value of a cookie that a browser sent. */
export function readCookie({ headers }: IncomingMessage, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

function isHttps(issuer: string): boolean {
  return issuer.startsWith('https:');
}

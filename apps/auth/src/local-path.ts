/**
 * A path of our own, with its query, out of what a form or a link says; null for all that leads elsewhere, however
 * it is written (`//evil.example`, `/\evil.example`, `/.//evil.example`, `https:…`).
 */
export function localPath(issuer: string, text: string | null | undefined): string | null {
  if (!text?.startsWith('/')) return null;
  const url = URL.parse(text, issuer);
  if (url?.origin !== new URL(issuer).origin || url.pathname.startsWith('//')) return null;
  return url.pathname + url.search;
}

/**
 * The URL that an OAuth client is known by when it describes itself there (Client ID Metadata Document §3), or null when
 * `id` is none: https, with a path, in the one spelling that URLs come to, without fragment or user information.
 */
export function clientUrl(id: string): URL | null {
  if (id.length > maxLength || id.includes('#')) return null;
  const url = URL.parse(id);
  // Dot segments, capitals in the host, a default port or a missing path would be spelt in another way.
  if (url?.protocol !== 'https:' || url.href !== id) return null;
  return url.username === '' && url.password === '' ? url : null;
}

const maxLength = 500;

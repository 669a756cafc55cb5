import { Problem } from '#catalog';

/** The entity tag of a version of a resource (RFC 9110 §8.8.3); strong, since equal versions are equal bytes. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/** Whether an `If-None-Match` or `If-Match` header names `etag`, or any by `*`. */
export function etagMatches(header: string, etag: string): boolean {
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

/** Problem: `precondition_failed` when an `If-Match` header is there and names another version. */
export function requireMatch(ifMatch: string | undefined, etag: string): void {
  if (ifMatch !== undefined && !etagMatches(ifMatch, etag)) {
    throw new Problem('precondition_failed', `the resource is at ${etag}`);
  }
}

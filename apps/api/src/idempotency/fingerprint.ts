import { createHash } from 'node:crypto';
import type { Request } from 'express';

/**
 * SHA-256 of what makes two requests the same one: method, path with query, and the body as JSON. White space in
 * the body makes no difference; the order of its fields does. A body that the route doesn't read is not part of it.
 */
export function fingerprintOf(request: Request): Buffer {
  const facts = JSON.stringify([request.method, request.originalUrl, request.body ?? null]);
  return createHash('sha256').update(facts).digest();
}

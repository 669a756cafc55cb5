import express, { type RequestHandler } from 'express';
import { Problem } from '#catalog';

const maxBytes = 1_048_576;
const maxDepth = 64;

/**
 * Reads a JSON body into `request.body`; undefined when there is none. Bodies without a content type and with a
 * form's are read as JSON too, since that is what `curl -d '{…}'` sends.
 *
 * Problems: `body_too_large`, `unsupported_media_type`, `malformed_request`.
 */
export function jsonBody(): RequestHandler[] {
  const read = express.raw({ type: () => true, limit: maxBytes });
  return [
    (request, response, next) => {
      const mistake = typeMistake(request.headers['content-type']);
      if (mistake !== null && hasBody(request.headers)) throw new Problem('unsupported_media_type', mistake);
      read(request, response, next);
    },
    (request, _response, next) => {
      request.body =
        Buffer.isBuffer(request.body) && request.body.length > 0 ? parseJson(request.body) : undefined;
      next();
    },
  ];
}

function hasBody(headers: {
  'content-length'?: string | undefined;
  'transfer-encoding'?: string | undefined;
}): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function typeMistake(contentType: string | undefined): string | null {
  if (contentType === undefined) return null;
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  const known = /^application\/([\w.-]+\+)?json$|^application\/x-www-form-urlencoded$/;
  if (!known.test(type.trim()))
    return 'The request body must be JSON, with the content type application/json.';
  const charset = parameters.map((part) => part.trim()).find((part) => part.startsWith('charset='));
  return charset && !/^charset="?utf-?8"?$/.test(charset) ? 'The request body must be in UTF-8.' : null;
}

function parseJson(body: Buffer): unknown {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new Problem('malformed_request', 'The request body is not valid JSON in UTF-8.', { cause });
  }
  refuseUnstorable(value);
  return value;
}

/**
 * PostgreSQL can't store NUL or half a surrogate pair, and `__proto__` is a trap for whoever copies objects.
 * Problem: `malformed_request` when a JSON value, or a text, has one of these or is nested deeper than 64 levels.
 */
export function refuseUnstorable(value: unknown, depth = 0): void {
  if (depth > maxDepth) throw malformed(`is nested deeper than ${maxDepth} levels`);
  if (typeof value === 'string') refuseText(value);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    refuseText(key);
    if (key === '__proto__') throw malformed('has a field named __proto__');
    refuseUnstorable(inner, depth + 1);
  }
}

function refuseText(text: string): void {
  if (text.includes('\0')) throw malformed('contains a NUL character');
  if (!text.isWellFormed()) throw malformed('contains half of a surrogate pair');
}

function malformed(what: string): Problem {
  return new Problem('malformed_request', `The request ${what}.`);
}

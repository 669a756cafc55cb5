import type { Request } from 'express';
import { z } from 'zod';
import { validationProblem } from '../routes/validate.ts';

const header = 'Idempotency-Key';
const visibleAscii = /^[\x21-\x7e]{1,255}$/;
const objectBody = z.record(z.string(), z.unknown());

/**
 * The idempotency key of a request, from the header or the product's body field, which is taken out of the body;
 * null when there is none. Problem: `validation_failed` for a malformed key, or two different ones.
 */
export function takeIdempotencyKey(request: Request, bodyField: string | undefined): string | null {
  const inHeader = request.get(header);
  if (inHeader !== undefined) requireWellFormed(header, inHeader);
  const body = objectBody.safeParse(request.body);
  if (bodyField === undefined || !body.success || !Object.hasOwn(body.data, bodyField)) {
    return inHeader ?? null;
  }
  const { [bodyField]: inBody, ...rest } = body.data;
  requireWellFormed(bodyField, inBody);
  if (inHeader !== undefined && inHeader !== inBody) {
    throw validationProblem([{ field: bodyField, message: `differs from the ${header} header` }]);
  }
  request.body = rest;
  return inBody;
}

function requireWellFormed(field: string, key: unknown): asserts key is string {
  if (typeof key !== 'string' || !visibleAscii.test(key)) {
    throw validationProblem([{ field, message: 'must be 1 to 255 visible ASCII characters' }]);
  }
}

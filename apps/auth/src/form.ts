import express, { type RequestHandler } from 'express';
import { z } from 'zod';
import { Problem } from '#catalog';
import { normaliseScope } from './scopes.ts';

const maxBytes = 56 * 1024;
const contentType = 'application/x-www-form-urlencoded';

/**
 * Reads the body of a POST. A form's fields are then {@link formOf} the request, and with `json` those of a JSON
 * object of texts, too; another body is read and left aside, for the route to refuse by its content type. Problem:
 * `malformed_request`; body-parser's errors for a body that is too long (413) or broken.
 */
export function readForm({ json = false }: { json?: boolean } = {}): RequestHandler[] {
  return [
    express.raw({ type: () => true, limit: maxBytes, inflate: false }),
    (request, _response, next) => {
      const text = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
      const asJson = json && request.is('application/json');
      const form = asJson ? formOfJson(text) : text;
      request.body = asJson || request.is(contentType) ? readParameters(form) : undefined;
      next();
    },
  ];
}

const texts = z.record(z.string(), z.string());

/** A JSON object as the form it stands for. Problem: `malformed_request` when it is not one of texts alone. */
function formOfJson(text: string): string {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new Problem('malformed_request', 'The request body is not valid JSON.', { cause });
  }
  const parsed = texts.safeParse(body);
  if (parsed.success) return new URLSearchParams(parsed.data).toString();
  throw new Problem('malformed_request', 'The request body must be a JSON object whose values are texts.');
}

/** The fields of the form in a request's body, or null when it brings none. */
export function formOf(request: { body: unknown }): URLSearchParams | null {
  return request.body instanceof URLSearchParams ? request.body : null;
}

/** The form in a request's body. Problem: `malformed_request` when there is none. */
export function requireForm(request: { body: unknown }): URLSearchParams {
  const form = formOf(request);
  if (!form) throw new Problem('malformed_request', `The request body must be a form (${contentType}).`);
  return form;
}

/**
 * The parameters of a query or a form, with `scope` normalised. Problem: `malformed_request` when one has a NUL
 * character, which PostgreSQL can't store, nor any parameter have.
 */
export function readParameters(text: string): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(text)) {
    if (`${name}${value}`.includes('\0')) {
      throw new Problem('malformed_request', 'The request contains a NUL character.');
    }
    parameters.append(name, name === 'scope' ? normaliseScope(value) : value);
  }
  return parameters;
}

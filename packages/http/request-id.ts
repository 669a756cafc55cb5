import type { RequestHandler, Response } from 'express';
import { typeid } from 'typeid-js';

const key = 'requestId';

/** Gives each request an id of ours, in `X-Request-Id`. One that the client sent is not looked at. */
export function assignRequestId(): RequestHandler {
  return (_request, response, next) => {
    const id = newRequestId();
    response.locals[key] = id;
    response.setHeader('X-Request-Id', id);
    next();
  };
}

/** A TypeID: the time of the request stands in it, so that its record is found by the id alone. */
export function newRequestId(): string {
  return typeid('req').toString();
}

export function requestIdOf(response: Response): string {
  return String(response.locals[key]);
}

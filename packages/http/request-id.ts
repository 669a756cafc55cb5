import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';

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

export function newRequestId(): string {
  return `req_${randomUUID().replaceAll('-', '')}`;
}

export function requestIdOf(response: Response): string {
  return String(response.locals[key]);
}

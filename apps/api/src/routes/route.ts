import type { Request } from 'express';
import { z } from 'zod';
import type { Page, ProblemKind } from '#catalog';
import { clientAddress, refuseUnstorable } from '#http';
import { type Caller, callerOf } from '../caller.ts';
import { validate } from './validate.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What a handler is given: parsed, and by a caller who holds the route's scope. */
export interface ApiRequest<Query = unknown, Body = unknown> {
  caller: Caller;
  /** The route's parameters, in the order of its path. */
  params: readonly string[];
  query: Query;
  body: Body;
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  requestId: string;
  ipAddress: string;
}

/** What a handler answers: an object, a page of a list, or nothing. */
export type Reply<Answer = unknown> =
  | { status: 200 | 201; body: Answer; etag?: string }
  | { status: 200; page: Page<Answer> }
  | { status: 204 }
  | { status: 304; etag: string };

/** One method at one path. The route table is made of these: routing, tests and documents all read it. */
export interface Route {
  method: Method;
  /** Below the product's base path, in Express' form: `/devices/:id`. */
  path: string;
  /** What the caller must hold; null when any valid credential may call it. */
  scope: string | null;
  /** What it does, in a line that no other route has: `List devices`. Its id in documents comes from it. */
  summary: string;
  /** What documents list it under. */
  tag: string;
  query: z.ZodType;
  /** Null for a route without a body. */
  body: z.ZodType | null;
  /** The body of its success as it is on the wire, of a list that of one item; null when there is none. */
  answer: z.ZodType | null;
  /** Of its success. */
  status: 200 | 201 | 204;
  /** Whether it answers pages of a list. */
  list: boolean;
  /** Whether it works on one version of something: answers an `ETag`, and heeds `If-Match` or `If-None-Match`. */
  versioned: boolean;
  /** What can go wrong beside what every route with such a scope, path and body can answer. */
  problems: readonly ProblemKind[];
  handle: (request: ApiRequest) => Promise<Reply>;
}

/**
 * Declares a route whose handler gets the query and the body as its schemas parse them. Without a query schema
 * every query parameter is refused; without a body schema the body is not read.
 */
export function route<Query = Record<string, never>, Body = undefined, Answer = unknown>(declared: {
  method: Method;
  path: string;
  scope: string | null;
  summary: string;
  tag: string;
  query?: z.ZodType<Query>;
  body?: z.ZodType<Body>;
  answer: z.ZodType<Answer> | null;
  /** 200 when left out, or 204 without an answer. */
  status?: 201;
  list?: boolean;
  versioned?: boolean;
  problems?: readonly ProblemKind[];
  handle: (request: ApiRequest<Query, Body>) => Promise<Reply<NoInfer<Answer>>>;
}): Route;
export function route({
  query = z.strictObject({}),
  body,
  answer,
  status,
  list = false,
  versioned = false,
  problems = [],
  handle,
  ...rest
}: Parameters<typeof route>[0]): Route {
  return {
    ...rest,
    query,
    body: body ?? null,
    answer,
    status: status ?? (answer === null ? 204 : 200),
    list,
    versioned,
    problems,
    handle: (request) =>
      handle({
        ...request,
        query: validate(query, request.query),
        body: body && validate(body, request.body),
      }),
  };
}

/** The facts of a request that handlers may use. Problem: `malformed_request` for text that can't be stored. */
export function apiRequest(request: Request, requestId: string): ApiRequest {
  const params = Object.values(request.params).map(String);
  refuseUnstorable([params, Object.values(request.query)]);
  return {
    caller: callerOf(request),
    params,
    query: request.query,
    body: request.body,
    ifMatch: request.headers['if-match'],
    ifNoneMatch: request.headers['if-none-match'],
    requestId,
    ipAddress: clientAddress(request),
  };
}

import type { Request } from 'express';
import { z } from 'zod';
import type { Page, ProblemKind, Product } from '#catalog';
import { clientAddress, refuseUnstorable } from '#http';
import { type Caller, callerOf } from '../caller.ts';
import { validate } from './validate.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What the handler of an open route is given: parsed, by anyone. */
export interface OpenRequest<Body = unknown> {
  body: Body;
  ifNoneMatch: string | undefined;
  requestId: string;
  ipAddress: string;
}

/** A file that is made while it is sent. */
export interface SentFile {
  name: string;
  mediaType: string;
  content: AsyncIterable<string>;
}

/** What a handler is given: parsed, and by a caller who holds the route's scope. */
export interface ApiRequest<Query = unknown, Body = unknown> extends OpenRequest<Body> {
  caller: Caller;
  /** The route's parameters, in the order of its path. */
  params: readonly string[];
  query: Query;
  ifMatch: string | undefined;
}

/** What a handler answers: an object, a page of a list, a text of the route's media type, a file, or nothing. */
export type Reply<Answer = unknown> =
  | { status: 200 | 201 | 202; body: Answer; etag?: string }
  | { status: 200; page: Page<Answer> }
  | { status: 200; text: string; etag: string }
  | { status: 200; file: SentFile }
  | { status: 204 }
  | { status: 304; etag: string };

/** One method at one path. The route table is made of these: routing, tests and documents all read it. */
export interface Route {
  method: Method;
  /** From the origin, in Express' form: `/v1/devices/:id`. */
  path: string;
  /** Whether anyone may call it. The others stand below the product's base path and want a valid credential. */
  open: boolean;
  /** Whether each request counts, as its caller's or its address's. One that is refused counts in any case. */
  counted: boolean;
  /** What the caller must hold; null when any valid credential may call it. */
  scope: string | null;
  /** The one mode that it exists in; null when it is for test credentials, too. */
  mode: 'live' | null;
  /** The plans that have it; null when all have. */
  plans: readonly string[] | null;
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
  status: 200 | 201 | 202 | 204;
  /** Of its success. */
  mediaType: string;
  /** Headers that its success always has. */
  headers: Readonly<Record<string, string>>;
  /** Whether it answers pages of a list. */
  list: boolean;
  /** The media types of the file that it answers, without parameters; none when it answers JSON. */
  files: readonly string[];
  /** Whether it works on one version of something: answers an `ETag`, and heeds `If-Match` or `If-None-Match`. */
  versioned: boolean;
  /** What can go wrong beside what every route with such a scope, path and body can answer. */
  problems: readonly ProblemKind[];
  handle: (request: Request, requestId: string) => Promise<Reply>;
}

/** Whether it is carried out only once for an idempotency key: a POST, by a caller whose key it can be. */
export function isKeyed({ method, open }: Route): boolean {
  return method === 'post' && !open;
}

/** Whether its body is read: for the route itself, or for an idempotency key that may stand in it. */
export function readsBody({ idempotency }: Product, route: Route): boolean {
  return route.body !== null || (isKeyed(route) && idempotency !== undefined);
}

type Declared<Answer> = Pick<Route, 'method' | 'path' | 'summary' | 'tag'> & {
  answer: z.ZodType<Answer> | null;
  versioned?: boolean;
};

/**
 * Declares a route whose handler gets the query and the body as its schemas parse them. Without a query schema
 * every query parameter is refused; without a body schema the body is not read.
 */
export function route<Query = Record<string, never>, Body = undefined, Answer = unknown>(
  declared: Declared<Answer> & {
    scope: string | null;
    mode?: 'live';
    plans?: readonly string[] | undefined;
    query?: z.ZodType<Query>;
    body?: z.ZodType<Body>;
    /** 200 when left out, or 204 without an answer. */
    status?: 201;
    list?: boolean;
    files?: readonly string[];
    problems?: readonly ProblemKind[];
    handle: (request: ApiRequest<Query, Body>) => Promise<Reply<NoInfer<Answer>>>;
  },
): Route;
export function route({
  query = z.strictObject({}),
  body,
  plans,
  handle,
  ...rest
}: Parameters<typeof route>[0]): Route {
  return {
    ...ordinary,
    status: rest.answer === null ? 204 : 200,
    ...rest,
    plans: plans ?? null,
    query,
    body: body ?? null,
    async handle(request, requestId) {
      const params = Object.values(request.params).map(String);
      refuseUnstorable([params, Object.values(request.query)]);
      return handle({
        ...factsOf(request, requestId),
        caller: callerOf(request),
        params,
        ifMatch: request.headers['if-match'],
        query: validate(query, request.query),
        body: body && validate(body, request.body),
      });
    },
  };
}

/** Declares a route that takes no credential, and whatever query. */
export function openRoute<Body = undefined, Answer = unknown>(
  declared: Declared<Answer> & {
    counted: boolean;
    body?: z.ZodType<Body>;
    status?: 202;
    problems?: readonly ProblemKind[];
    mediaType?: string;
    headers?: Readonly<Record<string, string>>;
    handle: (request: OpenRequest<Body>) => Promise<Reply<NoInfer<Answer>>>;
  },
): Route;
export function openRoute({ body, handle, ...rest }: Parameters<typeof openRoute>[0]): Route {
  return {
    ...ordinary,
    ...rest,
    open: true,
    scope: null,
    query: z.unknown(),
    body: body ?? null,
    handle: async (request, requestId) =>
      handle({ ...factsOf(request, requestId), body: body && validate(body, request.body) }),
  };
}

/** What most routes are. */
const ordinary = {
  open: false,
  counted: true,
  mode: null,
  plans: null,
  status: 200,
  mediaType: 'application/json',
  headers: {},
  list: false,
  files: [],
  versioned: false,
  problems: [],
} as const;

function factsOf(request: Request, requestId: string) {
  return { ifNoneMatch: request.headers['if-none-match'], requestId, ipAddress: clientAddress(request) };
}

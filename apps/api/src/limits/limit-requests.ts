import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { Problem, type Product } from '#catalog';
import { clientAddress, clientNetwork } from '#http';
import { callerOf } from '../caller.ts';
import type { Decision, Limiter } from './limiter.ts';

const counted = new WeakSet<Response>();

/** Counts the caller's request. Problem: `rate_limited` when a window of its plan has no room. */
export function limitCaller(limiter: Limiter): RequestHandler {
  return async (request, response, next) => {
    const caller = callerOf(request);
    requireRoom(note(response, await limiter.take(caller.countedAs, caller.windows)));
    next();
  };
}

/** Counts a request to a public route under its address. Problem: `rate_limited`. */
export function limitStranger(limiter: Limiter, product: Product): RequestHandler {
  return async (request, response, next) => {
    requireRoom(note(response, await takeStranger(limiter, product, request)));
    next();
  };
}

/**
 * Counts a request that was refused before it was anyone's, under its address. A leaked key that an allowlist
 * stops is among them, so that a stranger can't use up its owner's limit.
 */
export function limitRefused(limiter: Limiter, product: Product): ErrorRequestHandler {
  return async (error, request, response, next) => {
    if (!counted.has(response)) {
      const decision = note(response, await takeStranger(limiter, product, request));
      if (!decision.allowed) throw tooManyRefused(decision, clientAddress(request), error);
    }
    next(error);
  };
}

function takeStranger(limiter: Limiter, product: Product, request: Request): Promise<Decision> {
  return limiter.take(`address:${clientNetwork(request)}`, product.anonymousWindows);
}

/** Tells the caller of a decision. */
function note(response: Response, decision: Decision): Decision {
  counted.add(response);
  setHeaders(response, decision);
  return decision;
}

/** Problem: `rate_limited` when a window had no room. */
export function requireRoom(decision: Decision): void {
  if (decision.allowed) return;
  const { retryAfterSeconds } = decision;
  const mend = `Wait ${retryAfterSeconds} seconds, or have more: by a higher limit of the key, if it has its own, or another plan.`;
  throw new Problem('rate_limited', `The limit of ${full(decision)} is used up.`, {
    retryAfterSeconds,
    mend,
  });
}

/** Of a request that would have been refused for `cause`, too. */
function tooManyRefused(decision: Decision, address: string, cause: unknown): Problem {
  const { retryAfterSeconds } = decision;
  const [first, firstMend] = cause instanceof Problem ? [cause.message, cause.facts.mend ?? ''] : ['', ''];
  return new Problem(
    'rate_limited',
    `The limit of ${full(decision)} for refused requests from ${address} is used up. ${first}`.trim(),
    { retryAfterSeconds, mend: `${firstMend} Wait ${retryAfterSeconds} seconds.`.trim() },
  );
}

/** The windows without room: `60 requests per minute and 1000 requests per hour`. */
function full({ windows }: Decision): string {
  const states = windows.filter((window) => window.remaining === 0);
  return states.map(({ name, limit }) => `${limit} requests per ${name}`).join(' and ');
}

/**
 * `X-RateLimit-*` tells of the window with the fewest requests left in proportion; `RateLimit` and
 * `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers) of every window.
 */
function setHeaders(response: Response, { windows, nowMs }: Decision): void {
  const [tightest] = windows.toSorted((a, b) => a.remaining / a.limit - b.remaining / b.limit);
  if (!tightest) return;
  response.setHeader('X-RateLimit-Limit', String(tightest.limit));
  response.setHeader('X-RateLimit-Remaining', String(tightest.remaining));
  response.setHeader('X-RateLimit-Reset', String(Math.ceil(nowMs / 1000) + tightest.resetSeconds));
  response.setHeader(
    'RateLimit-Policy',
    windows.map((w) => `"${w.name}";q=${w.limit};w=${w.seconds}`).join(', '),
  );
  response.setHeader(
    'RateLimit',
    windows.map((w) => `"${w.name}";r=${w.remaining};t=${w.resetSeconds}`).join(', '),
  );
}

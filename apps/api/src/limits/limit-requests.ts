import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import ipaddr from 'ipaddr.js';
import { Problem, type Product } from '#catalog';
import { clientAddress } from '#http';
import { callerOf } from '../caller.ts';
import type { Decision, Limiter } from './limiter.ts';

const counted = new WeakSet<Response>();

/** Counts the caller's request. Problem: `rate_limited` when a window of its plan has no room. */
export function limitCaller(limiter: Limiter): RequestHandler {
  return async (request, response, next) => {
    const caller = callerOf(request);
    count(response, await limiter.take(caller.countedAs, caller.windows));
    next();
  };
}

/** Counts a request to a public route under its address. Problem: `rate_limited`. */
export function limitStranger(limiter: Limiter, product: Product): RequestHandler {
  return async (request, response, next) => {
    await countStranger(limiter, product, request, response);
    next();
  };
}

/**
 * Counts a request that was refused before it was anyone's, under its address. A leaked key that an allowlist
 * stops is among them, so that a stranger can't use up its owner's limit.
 */
export function limitRefused(limiter: Limiter, product: Product): ErrorRequestHandler {
  return async (error, request, response, next) => {
    if (!counted.has(response)) await countStranger(limiter, product, request, response);
    next(error);
  };
}

async function countStranger(
  limiter: Limiter,
  product: Product,
  request: Request,
  response: Response,
): Promise<void> {
  const name = `address:${network(clientAddress(request))}`;
  count(response, await limiter.take(name, product.anonymousWindows));
}

function count(response: Response, decision: Decision): void {
  counted.add(response);
  setHeaders(response, decision);
  requireRoom(decision);
}

/** Problem: `rate_limited` when a window had no room. */
export function requireRoom({ allowed, windows, retryAfterSeconds }: Decision): void {
  if (allowed) return;
  const full = windows
    .filter((window) => window.remaining === 0)
    .map(({ name, limit }) => `${limit} a ${name}`);
  const mend = `Wait ${retryAfterSeconds} seconds, or take a plan with more.`;
  throw new Problem('rate_limited', `The limit of ${full.join(' and ')} is used up.`, {
    retryAfterSeconds,
    mend,
  });
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

/** One customer of a provider has a whole IPv6 /56, so addresses within it count as one. */
function network(address: string): string {
  return address.includes(':') ? `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/56`)}/56` : address;
}

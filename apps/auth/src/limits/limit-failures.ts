import type { Request, RequestHandler, Response } from 'express';
import { rateLimit, type Store } from 'express-rate-limit';
import { z } from 'zod';
import { waitSeconds } from './wait-seconds.ts';

/** At most `failures` failed tries in `seconds` seconds. */
export interface FailureLimit {
  failures: number;
  seconds: number;
}

const failed = new WeakSet<object>();
const counted = z.object({ rateLimit: z.object({ limit: z.int(), remaining: z.int() }) });

/** Tells the limits, once the answer is known, that this request's try has failed. */
export function noteFailure(response: object): void {
  failed.add(response);
}

/** How many tries there were when `request` is the last one before the limit; null for one that is not. */
export function lastTry(request: object): number | null {
  const count = counted.safeParse(request).data?.rateLimit;
  return count?.remaining === 0 ? count.limit : null;
}

/**
 * Slows down who guesses. A request is counted before its try is looked at and given back when it was right, so that
 * guesses sent at once don't slip through. `refuse` answers 429, with `Retry-After`.
 */
export function limitFailures({
  limit: { failures, seconds },
  store,
  key,
  skip = () => false,
  refuse,
}: {
  limit: FailureLimit;
  store: Store;
  /** Under which name a request is counted. */
  key: (request: Request) => string;
  /** Whether a request is not counted at all. */
  skip?: (request: Request) => boolean;
  refuse: (request: Request, response: Response, retryAfterSeconds: number) => void;
}): RequestHandler {
  return rateLimit({
    windowMs: seconds * 1000,
    limit: failures,
    keyGenerator: key,
    skip,
    store,
    skipSuccessfulRequests: true,
    requestWasSuccessful: (_request, response) => !failed.has(response),
    standardHeaders: false,
    legacyHeaders: false,
    validate: false,
    handler: (request, response) => refuse(request, response, waitSeconds(request, seconds)),
  });
}

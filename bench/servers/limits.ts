import { createServer } from 'node:http';
import express, { type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { RedisStore } from 'rate-limit-redis';
import { RateLimiterRedis, RateLimiterUnion } from 'rate-limiter-flexible';
import { createClient } from 'redis';
import { z } from 'zod';
import { connectRedis, createLogger, runApp } from '#http';
import { setCaller } from '../../apps/api/src/caller.ts';
import { limitCaller } from '../../apps/api/src/limits/limit-requests.ts';
import { memoryLimiter } from '../../apps/api/src/limits/memory-limiter.ts';
import { redisLimiter } from '../../apps/api/src/limits/redis-limiter.ts';
import { type kindsOfLimits, limitsConfig } from './config.ts';

/** The same for all, and never full: what is measured is the counting. */
const windows = [
  { name: 'minute', limit: 1_000_000_000, seconds: 60 },
  { name: 'hour', limit: 1_000_000_000, seconds: 3_600 },
];

async function limitsOf(kind: (typeof kindsOfLimits)[number], redisUrl: string): Promise<RequestHandler[]> {
  switch (kind) {
    case 'none':
      return [];
    case 'memory':
      return [asCaller, limitCaller(memoryLimiter())];
    case 'redis': {
      const redis = await connectRedis(redisUrl, createLogger('bench', 'warn'));
      return [asCaller, limitCaller(redisLimiter(redis))];
    }
    case 'express-rate-limit':
      return expressRateLimits(redisUrl);
    case 'rate-limiter-flexible':
      return [await flexible(redisUrl)];
  }
}

/** What authentication would have found out. */
const asCaller: RequestHandler = (request, response, next) => {
  setCaller(response, {
    organizationId: 'org',
    plan: 'free',
    mode: 'live',
    scopes: [],
    allowances: [],
    windows,
    countedAs: `key:${request.headers['x-key']}`,
    allowlists: [],
    credential: {
      type: 'api_key',
      keyId: 'key',
      secretId: 'sec',
      secretState: 'active',
      createdBy: null,
      clientId: null,
      consentId: null,
      expiresAt: null,
    },
  });
  next();
};

/** Two limiters, one after the other, as their documentation sets them up. */
async function expressRateLimits(redisUrl: string): Promise<RequestHandler[]> {
  const client = createClient({ url: redisUrl });
  await client.connect();
  const reply = z.union([z.number(), z.string(), z.array(z.union([z.number(), z.string()]))]);
  return windows.map(({ name, limit, seconds }) =>
    rateLimit({
      windowMs: seconds * 1000,
      limit,
      keyGenerator: (request) => String(request.headers['x-key']),
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      store: new RedisStore({
        prefix: `${name}:`,
        sendCommand: async (...words) => reply.parse(await client.sendCommand(words)),
      }),
    }),
  );
}

/** Two limiters at once. It sets no headers by itself, so these are the ones that its documentation shows. */
async function flexible(redisUrl: string): Promise<RequestHandler> {
  const client = createClient({ url: redisUrl });
  await client.connect();
  const limiters = windows.map(
    ({ name, limit, seconds }) =>
      new RateLimiterRedis({
        storeClient: client,
        useRedisPackage: true,
        keyPrefix: name,
        points: limit,
        duration: seconds,
      }),
  );
  const union = new RateLimiterUnion(...limiters);
  return async (request, response, next) => {
    const { minute } = await union.consume(String(request.headers['x-key']));
    response.setHeader('X-RateLimit-Limit', String(windows[0]?.limit));
    response.setHeader('X-RateLimit-Remaining', String(minute?.remainingPoints));
    response.setHeader('X-RateLimit-Reset', String(Math.ceil((minute?.msBeforeNext ?? 0) / 1000)));
    next();
  };
}

// One handler behind one kind of limit, for the same two windows, counted by the header `x-key`.
await runApp('limits', async () => {
  const config = limitsConfig();
  const limits = await limitsOf(config.LIMITS, config.REDIS_URL ?? '');

  const app = express().disable('x-powered-by').disable('etag');
  app.get('/', ...limits, (_request, response) => void response.json({ status: 'ok' }));
  const server = createServer(app);
  await new Promise<void>((done) => server.listen(config.PORT, '127.0.0.1', done));
  return async () => server.closeAllConnections();
});

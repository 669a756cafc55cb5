import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { defaultProduct, loadProduct } from '#catalog';
import {
  type Database,
  deleteEndedOidcState,
  deleteEndedRefreshAnswers,
  ensureDatabase,
  migrate,
  oidcTables,
  openDatabase,
} from '#store';
import { startPostgres } from '../apps/dev/src/postgres.ts';
import { type FilledGrants, fillGrants, shortenLife, tableSizes } from './data/fill-grants.ts';
import type { Bench } from './harness/bench.ts';
import { startServer } from './harness/start-server.ts';

const userCount = 1_000;
const lanes = 32;
const apiUrl = 'http://127.0.0.1:1';
const cleanUpEveryMs = 5_000;
const cleanUpBatch = 1_000;
const answer = z.object({ refresh_token: z.string() });

/**
 * A million refreshes (`--refreshes`) for a thousand users: what becomes of the tables and of the latency. A used
 * token's row is kept for a minute instead of 30 days, and what the worker's clean-up calls runs meanwhile.
 */
export async function growth(bench: Bench): Promise<void> {
  const { say } = bench;
  const { refreshes } = bench.options;
  const postgres = await startPostgres(join(bench.folder, 'postgres'), { shared_buffers: '512MB' });
  bench.atEnd(() => postgres.stop());
  const url = postgres.urlOf('growth');
  await ensureDatabase(url);
  await migrate(url);
  const filled = await fillGrants(url, await loadProduct(defaultProduct), { userCount, apiUrl });
  await shortenLife(url, 60);
  // Tokens are for the issuer, but nothing here goes there.
  const { origin } = await startServer(bench, '../apps/auth/src/main.ts', {
    DATABASE_URL: url,
    API_URL: apiUrl,
    AUTH_URL: 'http://127.0.0.1:2',
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    LOG_LEVEL: 'silent',
    // All requests come from one address.
    TOKEN_REQUESTS_PER_MINUTE: '100000000',
  });
  const db = openDatabase({ url, poolSize: 1 });
  bench.atEnd(() => db.close());
  const stopCleaning = cleanUpMeanwhile(db);

  say(
    `${refreshes.toLocaleString('en')} refreshes for ${userCount.toLocaleString('en')} users, ${lanes} at a time`,
  );
  const refresh = refresher(origin, filled);
  const tenths = 10;
  for (let tenth = 0; tenth <= tenths; tenth++) {
    if (tenth > 0) {
      const { perSecond, p50Ms, p99Ms } = await refresh(Math.ceil(refreshes / tenths));
      say(`${perSecond.toFixed(0)} refreshes/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`);
    }
    const sizes = await tableSizes(url);
    const words = sizes.map(({ table, rows, kilobytes }) => `${table} ${rows} rows ${kilobytes} kB`);
    say(`after ${Math.round((refreshes * tenth) / tenths).toLocaleString('en')}: ${words.join(', ')}`);
  }
  await stopCleaning();
}

/** Deletes what has ended, in batches and beside the refreshes, as the worker does. Returns what stops it. */
function cleanUpMeanwhile(db: Database): () => Promise<void> {
  let running = Promise.resolve();
  const clean = async () => {
    while ((await deleteEndedOidcState(db, oidcTables.RefreshToken, cleanUpBatch)) === cleanUpBatch);
    while ((await deleteEndedRefreshAnswers(db, cleanUpBatch)) === cleanUpBatch);
  };
  const timer = setInterval(() => {
    running = running.then(clean);
  }, cleanUpEveryMs);
  return () => {
    clearInterval(timer);
    return running;
  };
}

/** Sends refreshes, each user's one after the other, and tells how long they took. */
function refresher(origin: string, { client, refreshTokens }: FilledGrants) {
  const tokens = [...refreshTokens];
  const one = async (user: number) => {
    const response = await fetch(`${origin}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: tokens[user] ?? '',
        client_id: client.id,
        client_secret: client.secret,
      }),
    });
    if (response.status !== 200) throw new Error(`a refresh was answered ${await response.text()}`);
    tokens[user] = answer.parse(await response.json()).refresh_token;
  };

  return async (count: number) => {
    const latenciesMs: number[] = [];
    const startedAt = performance.now();
    const lane = async (first: number) => {
      for (let at = first; at < count; at += lanes) {
        // A user stays in one lane: two refreshes of one token at once are another benchmark.
        const user = (first + lanes * Math.floor(at / lanes)) % (lanes * Math.floor(userCount / lanes));
        const sentAt = performance.now();
        await one(user);
        latenciesMs.push(performance.now() - sentAt);
      }
    };
    await Promise.all(Array.from({ length: lanes }, (_, at) => lane(at)));
    const seconds = (performance.now() - startedAt) / 1_000;
    latenciesMs.sort((a, b) => a - b);
    const atShare = (share: number) => latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0;
    return { perSecond: count / seconds, p50Ms: atShare(0.5), p99Ms: atShare(0.99) };
  };
}

import { join } from 'node:path';
import { defaultProduct, loadProduct, type Product } from '#catalog';
import { ensureDatabase, migrate, openDatabase } from '#store';
import { type EmbeddedPostgres, startPostgres } from '../apps/dev/src/postgres.ts';
import { fillDatabase } from './data/fill-database.ts';
import { fillRequests, requestBytes } from './data/fill-requests.ts';
import { alternate, type Subject } from './harness/alternate.ts';
import type { Bench } from './harness/bench.ts';
import { median, ratioTable, subjectTable } from './harness/report.ts';
import { startServer } from './harness/start-server.ts';

const keyCount = 1_000;
const requestsADay = 86_400 * 1_000;

/** What it costs to record each request: in Node around a handler, in PostgreSQL, and on disk. */
export async function records(bench: Bench): Promise<void> {
  const postgres = await startPostgres(join(bench.folder, 'postgres'), { shared_buffers: '512MB' });
  bench.atEnd(() => postgres.stop());
  const product = await loadProduct(defaultProduct);
  await recordAround(bench, postgres, product);
  await write(bench, await migrated(postgres, 'records'));
}

async function recordAround(bench: Bench, postgres: EmbeddedPostgres, product: Product): Promise<void> {
  const { options, say } = bench;
  const url = await migrated(postgres, 'served');
  const { keys } = await fillDatabase(url, product, keyCount);
  const env = { DATABASE_URL: url, PRODUCT: product.slug, LOG_LEVEL: 'info' };
  const headers = keys.map((key) => ({ authorization: `Bearer ${key}`, 'x-key': `key_${key.slice(-6)}` }));
  const start = async (name: string, RECORDED: string): Promise<Subject> => {
    const server = await startServer(bench, 'servers/records.ts', { ...env, RECORDED });
    return { name, server, path: '/', headers };
  };
  const handler = await start('handler', 'no');
  const recorded = await start('handler + record', 'yes');
  const verify = product.capabilities.find((each) => each.capability === 'verifyCredential');
  if (!verify) throw new Error(`${product.name} has no route that verifies a key`);
  const origins = {
    API_URL: 'http://127.0.0.1',
    AUTH_URL: 'http://127.0.0.1:1',
    ENCRYPTION_KEY: '0'.repeat(64),
  };
  const server = await startServer(bench, '../apps/api/src/main.ts', { ...env, ...origins });
  const check: Subject = { name: 'check', server, path: product.basePath + verify.path, headers };

  const samples = await alternate(bench, [handler, recorded, check]);
  say(`medians of ${options.rounds} rounds of ${options.seconds} s in turns, 32 connections`);
  say();
  for (const line of subjectTable(samples)) say(line);
  say();
  say('ratios within a round: median (least–most)');
  say();
  for (const line of ratioTable(samples, [{ of: recorded, to: handler }])) say(line);
  const [without = [], included = [], whole = []] = samples.values();
  const shares = included.map((each, round) => {
    const own = each.cpuMicroseconds - (without[round]?.cpuMicroseconds ?? Number.NaN);
    return own / (whole[round]?.cpuMicroseconds ?? Number.NaN);
  });
  say(`record : whole check, in CPU of the API: ${median(shares).toFixed(2)}`);
}

async function write({ options, say, atEnd }: Bench, url: string): Promise<void> {
  const db = openDatabase({ url });
  atEnd(() => db.close());
  const { rows, rounds } = options;
  say();
  say('rows a second that PostgreSQL takes, in batches of 500: median (least–most)');
  say();
  const rates = new Map<number, number[]>([1, 4].map((writers) => [writers, []]));
  const turns = Array.from({ length: rounds }, () => [...rates]).flat();
  for (const [turn, [writers, found]] of turns.entries()) {
    const [from, to] = [turn, turn + 1].map((each) => Math.floor((each * rows) / turns.length));
    found.push(await fillRequests(db, { from: from ?? 0, to: to ?? 0, rows, writers }));
  }
  for (const [writers, found] of rates) {
    const [least, most] = [Math.min(...found), Math.max(...found)];
    const name = writers === 1 ? '1 process' : `${writers} processes`;
    say(`${name}: ${count(median(found))} (${count(least)}–${count(most)})`);
  }
  const bytes = await requestBytes(db);
  const perRow = bytes.records / rows;
  say();
  say(`${perRow.toFixed(0)} bytes a record with its indexes, of ${count(rows)} records`);
  say(`a day at 1,000 requests/s: ${((perRow * requestsADay) / 1e9).toFixed(1)} GB`);
  say(`its counts, of ${count(keyCount)} keys: ${(bytes.counts / 1e6).toFixed(1)} MB`);
}

async function migrated(postgres: EmbeddedPostgres, name: string): Promise<string> {
  const url = postgres.urlOf(name);
  await ensureDatabase(url);
  await migrate(url);
  return url;
}

const count = (value: number) => Math.round(value).toLocaleString('en');

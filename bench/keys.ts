import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { defaultProduct, loadProduct, type Product } from '#catalog';
import { ensureDatabase, migrate } from '#store';
import { type EmbeddedPostgres, startPostgres } from '../apps/dev/src/postgres.ts';
import { fillDatabase } from './data/fill-database.ts';
import { alternate, connections, type Subject } from './harness/alternate.ts';
import type { Bench } from './harness/bench.ts';
import { installPeers } from './harness/install-peers.ts';
import { type Comparison, processorTable, ratioTable, subjectTable } from './harness/report.ts';
import { startRedis } from './harness/start-redis.ts';
import { type Server, startServer } from './harness/start-server.ts';

/** What all subjects of this benchmark share. */
interface Setting {
  product: Product;
  postgres: EmbeddedPostgres;
  redisUrl: string | null;
}

/** What the whole check of an API key costs: next to nothing around a handler, to better-auth, and by the number of keys. */
export async function keys(bench: Bench): Promise<void> {
  const { options, say } = bench;
  if (options.peers) await installPeers(bench);
  const setting = await prepare(bench);
  const { product, redisUrl } = setting;
  const verify = product.capabilities.find((each) => each.capability === 'verifyCredential');
  const [resource] = product.resources;
  if (!verify || !resource) throw new Error(`${product.name} has no list, or no route that verifies a key`);
  const verifyPath = product.basePath + verify.path;

  const [fewest, ...more] = options.keys;
  const { server, url, organizationId, ...sent } = await startOn(bench, setting, fewest);
  const bare = await startServer(bench, 'servers/bare.ts', {
    DATABASE_URL: url,
    PRODUCT: product.slug,
    ORGANIZATION_ID: organizationId,
  });
  const handler: Subject = { name: 'handler', server: bare, path: '/verify', ...sent };
  const checked: Subject = { name: `check, ${count(fewest)} keys`, server, path: verifyPath, ...sent };
  const list: Subject = { name: 'list', server: bare, path: '/list', ...sent };
  const wholeList: Subject = {
    name: 'list + check',
    server,
    path: product.basePath + resource.path,
    ...sent,
  };
  const subjects = [handler, checked, list, wholeList];
  const comparisons: Comparison[] = [
    { of: checked, to: handler },
    { of: wholeList, to: list, aim: 'at least 0.80' },
  ];
  if (options.peers) {
    const peer = await betterAuth(bench, setting, fewest);
    subjects.push(peer);
    comparisons.push({ of: checked, to: peer, aim: 'at least 5.00' });
  }
  for (const size of more) {
    const { server, headers } = await startOn(bench, setting, size);
    const larger: Subject = { name: `check, ${count(size)} keys`, server, path: verifyPath, headers };
    subjects.push(larger);
    comparisons.push({ of: larger, to: checked, aim: 'flat: about 1.00' });
  }

  const samples = await alternate(bench, subjects);
  say();
  say(`Node ${process.versions.node}, ${availableParallelism()} processors, ${connections} connections;`);
  say(`limits ${redisUrl ? 'on Redis' : 'in memory, as redis-server is not on the PATH'};`);
  say(`medians of ${options.rounds} rounds of ${options.seconds} s in turns`);
  say();
  for (const line of subjectTable(samples)) say(line);
  say();
  say('ratios within a round: median (least–most)');
  say();
  for (const line of ratioTable(samples, comparisons)) say(line);
  say();
  for (const line of processorTable(samples, [checked, list, wholeList])) say(line);
}

async function prepare(bench: Bench): Promise<Setting> {
  const postgres = await startPostgres(join(bench.folder, 'postgres'), { shared_buffers: '512MB' });
  bench.atEnd(() => postgres.stop());
  return { product: await loadProduct(defaultProduct), postgres, redisUrl: await startRedis(bench) };
}

/** The API on a database of `keyCount` keys, with one of its organizations. */
async function startOn(
  bench: Bench,
  { product, postgres, redisUrl }: Setting,
  keyCount: number,
): Promise<{ server: Server; url: string; organizationId: string; headers: Subject['headers'] }> {
  bench.say(`making a database of ${count(keyCount)} keys`);
  const url = postgres.urlOf(`keys_${keyCount}`);
  await ensureDatabase(url);
  await migrate(url);
  const { keys, organizationId } = await fillDatabase(url, product, keyCount);
  const server = await startServer(bench, '../apps/api/src/main.ts', {
    DATABASE_URL: url,
    PRODUCT: product.slug,
    ...(redisUrl && { REDIS_URL: redisUrl }),
    API_URL: 'http://127.0.0.1',
    AUTH_URL: 'http://127.0.0.1:1',
    ENCRYPTION_KEY: '0'.repeat(64),
    LOG_LEVEL: 'info',
  });
  return { server, url, organizationId, headers: keys.map((key) => ({ authorization: `Bearer ${key}` })) };
}

async function betterAuth(bench: Bench, { postgres }: Setting, keyCount: number): Promise<Subject> {
  bench.say(`making ${count(keyCount)} keys of better-auth, whose own limit is off`);
  const url = postgres.urlOf('better_auth');
  await ensureDatabase(url);
  const server = await startServer(bench, 'peers/better-auth.mjs', {
    DATABASE_URL: url,
    KEYS: String(keyCount),
    SECRET: randomBytes(32).toString('hex'),
  });
  const answer = await fetch(`${server.origin}/keys`);
  const keys = z.array(z.string()).parse(await answer.json());
  const headers = keys.map((key) => ({ 'x-api-key': key }));
  return { name: `better-auth verifyApiKey, ${count(keyCount)} keys`, server, path: '/verify', headers };
}

const count = (value: number) => value.toLocaleString('en');

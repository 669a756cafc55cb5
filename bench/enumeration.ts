import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { defaultProduct } from '#catalog';
import { hashPassword } from '#crypto';
import { ensureDatabase, migrate } from '#store';
import { startPostgres } from '../apps/dev/src/postgres.ts';
import { fillAccounts } from './data/fill-accounts.ts';
import type { Bench } from './harness/bench.ts';
import { type Pairs, pairRatioTable, pairTable } from './harness/report-pairs.ts';
import { startRedis } from './harness/start-redis.ts';
import { type Server, startServer } from './harness/start-server.ts';

/** Each gets one mail at most, so that no limit of recipients changes what is done. */
const accounts = 40_000;

/** A form that a stranger sends with an address, and the status that it is answered with. */
const forms = [
  { name: 'sign-in', path: '/sign-in', fields: { password: 'not the password' }, status: 422 },
  { name: 'reset', path: '/reset', fields: {}, status: 200 },
  { name: 'sign-up', path: '/sign-up', fields: {}, status: 200 },
] as const;

/** Whether the time of an answer tells who has an account: forms for addresses with and without one, one at a time, in turns. */
export async function enumeration(bench: Bench): Promise<void> {
  const { options, say } = bench;
  const server = await authServer(bench);
  const measured: Pairs[] = forms.map(({ name }) => ({ name, rounds: [] }));
  for (const form of forms) await pairs(server, form, 2 * options.seconds);
  for (let round = 0; round < options.rounds; round++) {
    for (const [at, form] of forms.entries()) {
      measured[at]?.rounds.push(await pairs(server, form, options.seconds));
    }
  }
  say(`${options.rounds} rounds of ${options.seconds} s for each form, one request at a time, in pairs`);
  say();
  for (const line of pairTable(measured)) say(line);
  say();
  say('ratios of the medians within a round: median (least–most)');
  say();
  for (const line of pairRatioTable(measured)) say(line);
}

/** Sends a form for an address with an account and one without, in a random order, for some seconds: milliseconds of each pair. */
async function pairs(
  { ask }: AskedServer,
  form: (typeof forms)[number],
  seconds: number,
): Promise<Pairs['rounds'][number]> {
  const until = performance.now() + seconds * 1_000;
  const sent: { known: number; unknown: number }[] = [];
  while (performance.now() < until) {
    const knownFirst = Math.random() < 0.5;
    const first = await ask(form, knownFirst);
    const second = await ask(form, !knownFirst);
    sent.push(knownFirst ? { known: first, unknown: second } : { known: second, unknown: first });
  }
  return sent;
}

interface AskedServer {
  /** Sends a form, and tells how many milliseconds its answer took. Throws an Error when it is another one than wanted. */
  ask(form: (typeof forms)[number], known: boolean): Promise<number>;
}

/** The authorization server as it is deployed, with accounts; each request comes from an address of its own. */
async function authServer(bench: Bench): Promise<AskedServer> {
  const postgres = await startPostgres(join(bench.folder, 'postgres'), { shared_buffers: '512MB' });
  bench.atEnd(() => postgres.stop());
  const url = postgres.urlOf('enumeration');
  await ensureDatabase(url);
  await migrate(url);
  const passwordHash = await hashPassword('correct horse battery');
  const known = await fillAccounts(url, { count: accounts, passwordHash });
  const redisUrl = await startRedis(bench);
  if (redisUrl === null) bench.say('redis-server is not on the PATH: limits are counted in memory');
  const server = await startServer(bench, '../apps/auth/src/main.ts', {
    DATABASE_URL: url,
    PRODUCT: defaultProduct,
    API_URL: 'http://127.0.0.1:1',
    AUTH_URL: 'http://127.0.0.1:2',
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    TRUSTED_PROXIES: '127.0.0.1',
    SIGN_UP: 'on',
    LOG_LEVEL: 'info',
    ...(redisUrl !== null && { REDIS_URL: redisUrl }),
  });
  return { ask: asker(server, known) };
}

function asker({ origin }: Server, known: string[]): AskedServer['ask'] {
  let sent = 0;
  return async ({ name, path, fields, status }, isKnown) => {
    const number = sent++;
    const email = isKnown ? known.pop() : `v${String(number).padStart(8, '0')}@example.com`;
    if (email === undefined) throw new Error('there are too few accounts for so many seconds');
    const from = [10, number >> 16, (number >> 8) & 255, number & 255].join('.');
    const body = new URLSearchParams({ email, ...fields });
    const sentAt = performance.now();
    const answer = await fetch(origin + path, { method: 'POST', headers: { 'x-forwarded-for': from }, body });
    await answer.arrayBuffer();
    const tookMs = performance.now() - sentAt;
    if (answer.status !== status) throw new Error(`${name} answered ${answer.status}`);
    return tookMs;
  };
}

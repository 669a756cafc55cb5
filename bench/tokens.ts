import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { generateKeyPair, SignJWT } from 'jose';
import { z } from 'zod';
import { defaultProduct, loadProduct } from '#catalog';
import { ensureDatabase, migrate } from '#store';
import { type EmbeddedPostgres, startPostgres } from '../apps/dev/src/postgres.ts';
import { type FilledGrants, fillGrants, insertCodes, redirectUri } from './data/fill-grants.ts';
import { connections, inTurns, type Sample, type Sent } from './harness/alternate.ts';
import type { Bench } from './harness/bench.ts';
import { countStatements } from './harness/count-statements.ts';
import { installPeers } from './harness/install-peers.ts';
import { type Comparison, median, ratioTable, subjectTable } from './harness/report.ts';
import { type Server, startServer } from './harness/start-server.ts';
import { exchangeCode, type Issuer, inLanes, requestTokens, verifier } from './harness/token-load.ts';

const userCount = 1_000;
/** Few enough for oidc-provider's memory, which holds about a thousand things. */
const codesAtOnce = 200;
const apiUrl = 'http://127.0.0.1:1';
const codeChallenge = createHash('sha256').update(verifier).digest('base64url');

/** One kind of grant at one server. */
interface Measured {
  name: string;
  server: Server;
  issuer: Issuer;
  grant: Grant;
}

type Grant = keyof typeof grants;

/** For each kind of grant what is made ready, and then sent for some seconds. */
const grants = {
  async code(issuer: Issuer) {
    const codes = await issuer.codes(codesAtOnce);
    return () =>
      inLanes(async () => {
        const code = codes.pop();
        if (code !== undefined) await exchangeCode(issuer, code);
        return code !== undefined;
      });
  },
  async refresh(issuer: Issuer) {
    const codes = await issuer.codes(connections);
    const first = await Promise.all(codes.map((code) => exchangeCode(issuer, code)));
    const tokens = first.map((each) => each.refresh_token ?? '');
    return (seconds: number) =>
      forSeconds(seconds, async (lane) => {
        const refresh = { grant_type: 'refresh_token', refresh_token: tokens[lane] ?? '' };
        tokens[lane] = (await requestTokens(issuer, refresh)).refresh_token ?? '';
      });
  },
  async 'client credentials'(issuer: Issuer) {
    return (seconds: number) =>
      forSeconds(seconds, async () => {
        await requestTokens(issuer, { grant_type: 'client_credentials' });
      });
  },
} satisfies Record<string, (issuer: Issuer) => Promise<(seconds: number) => Promise<Sent>>>;

/** Codes, refreshes and client credentials a second: ours, oidc-provider bare in memory, better-auth's provider. */
export async function tokens(bench: Bench): Promise<void> {
  const { options, say } = bench;
  if (options.peers) await installPeers(bench);
  const postgres = await startPostgres(join(bench.folder, 'postgres'), { shared_buffers: '512MB' });
  bench.atEnd(() => postgres.stop());
  const ours = await keystile(bench, postgres);
  const others = [await bareProvider(bench), ...(options.peers ? [await betterAuth(bench, postgres)] : [])];

  const kinds: Grant[] = ['code', 'refresh', 'client credentials'];
  const subjects = kinds.map((grant) => [ours, ...others].map((issuer) => measured(issuer, grant)));
  const samples = await inTurns(bench, subjects.flat(), ({ issuer, grant }) => grants[grant](issuer));
  say(`medians of ${options.rounds} rounds of ${options.seconds} s in turns, ${connections} at once`);
  say();
  for (const line of subjectTable(samples)) say(line);
  say();
  say('ratios within a round: median (least–most)');
  say();
  const comparisons = subjects.flatMap(([own, ...peers]) => peers.map((peer) => compare(own, peer)));
  for (const line of ratioTable(samples, comparisons)) say(line);
  say();
  await signing(bench, samples, subjects.flat());
  say();
  say('questions to PostgreSQL for a grant, each with its answer waited for:');
  for (const [grant, questions] of await questionsByGrant(bench, postgres, kinds)) {
    say(`${grant}: ${questions.toFixed(1)}`);
  }
}

const measured = (issuer: Issuer, grant: Grant): Measured => {
  return { name: `${grant}, ${issuer.name}`, server: issuer.server, issuer, grant };
};

function compare(own: Measured | undefined, peer: Measured): Comparison {
  if (!own) throw new Error('nothing of ours is measured');
  const aims: Readonly<Record<string, string>> = {
    'refresh, oidc-provider in memory': 'at least 0.60',
    'refresh, better-auth': 'more than 1.00',
  };
  return { of: own, to: peer, aim: aims[peer.name] ?? '' };
}

async function forSeconds(seconds: number, send: (lane: number) => Promise<void>): Promise<Sent> {
  const until = performance.now() + seconds * 1_000;
  return inLanes(async (lane) => {
    if (performance.now() > until) return false;
    await send(lane);
    return true;
  });
}

/** What one processor could sign by jose if it did nothing else, beside what is issued. */
async function signing(
  { say, options }: Bench,
  samples: ReadonlyMap<Measured, readonly Sample[]>,
  subjects: readonly Measured[],
): Promise<void> {
  const { privateKey } = await generateKeyPair('ES256');
  const claims = {
    sub: 'user',
    client_id: 'client',
    scope: 'devices:read',
    grant_id: 'grant',
    org_id: 'org',
  };
  const sign = () => new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
  const until = performance.now() + options.seconds * 1_000;
  const before = process.cpuUsage();
  let signed = 0;
  for (; performance.now() < until; signed++) await sign();
  const { user, system } = process.cpuUsage(before);
  const microseconds = (user + system) / signed;
  say(`a signature alone: ${microseconds.toFixed(0)} µs of CPU; its share of`);
  for (const subject of subjects.filter(({ grant }) => grant !== 'code')) {
    const whole = median((samples.get(subject) ?? []).map((each) => each.cpuMicroseconds));
    say(`${subject.name}: ${(microseconds / whole).toFixed(2)}`);
  }
}

async function questionsByGrant(
  bench: Bench,
  postgres: EmbeddedPostgres,
  kinds: readonly Grant[],
): Promise<[Grant, number][]> {
  const found: [Grant, number][] = [];
  const { issuer, questions } = await countedKeystile(bench, postgres);
  for (const grant of kinds) {
    const send = await grants[grant](issuer);
    const before = questions();
    const { requests } = await send(bench.options.seconds);
    found.push([grant, (questions() - before) / requests]);
  }
  return found;
}

async function keystile(bench: Bench, postgres: EmbeddedPostgres): Promise<Issuer> {
  const { url, filled } = await filledDatabase(postgres, 'tokens');
  return issuerOn(bench, url, url, filled);
}

async function countedKeystile(bench: Bench, postgres: EmbeddedPostgres) {
  const { url, filled } = await filledDatabase(postgres, 'counted');
  const relay = await countStatements(bench, url);
  return { issuer: await issuerOn(bench, url, relay.url, filled), questions: relay.questions };
}

async function filledDatabase(postgres: EmbeddedPostgres, name: string) {
  const url = postgres.urlOf(name);
  await ensureDatabase(url);
  await migrate(url);
  return { url, filled: await fillGrants(url, await loadProduct(defaultProduct), { userCount, apiUrl }) };
}

/** Our server, whose own way to its database is `serverUrl`. */
async function issuerOn(
  bench: Bench,
  databaseUrl: string,
  serverUrl: string,
  filled: FilledGrants,
): Promise<Issuer> {
  const server = await startServer(bench, '../apps/auth/src/main.ts', {
    DATABASE_URL: serverUrl,
    API_URL: apiUrl,
    AUTH_URL: 'http://127.0.0.1:2',
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    LOG_LEVEL: 'info',
    // All requests come from one address.
    TOKEN_REQUESTS_PER_MINUTE: '100000000',
  });
  return {
    name: 'keystile',
    server,
    tokenPath: '/oauth/token',
    client: filled.client,
    codes: (count) => insertCodes(databaseUrl, filled, { count, verifier, apiUrl }),
    redirectUri,
    extra: {},
  };
}

async function bareProvider(bench: Bench): Promise<Issuer> {
  const secret = randomBytes(32).toString('hex');
  const server = await startServer(bench, 'servers/oidc-provider.ts', { CLIENT_SECRET: secret });
  const client = { id: 'client', secret };
  const shared = { server, redirectUri, codes: codesFrom(server) };
  return { name: 'oidc-provider in memory', ...shared, tokenPath: '/token', client, extra: {} };
}

const setup = z.object({ client_id: z.string(), client_secret: z.string(), resource: z.string() });

async function betterAuth(bench: Bench, postgres: EmbeddedPostgres): Promise<Issuer> {
  const url = postgres.urlOf('better_auth_provider');
  await ensureDatabase(url);
  const server = await startServer(bench, 'peers/better-auth-provider.mjs', {
    DATABASE_URL: url,
    SECRET: randomBytes(32).toString('hex'),
    REDIRECT_URI: redirectUri,
  });
  const answer = await fetch(`${server.origin}/setup`);
  const { client_id: id, client_secret: secret, resource } = setup.parse(await answer.json());
  const shared = { server, redirectUri, codes: codesFrom(server) };
  const tokenPath = '/api/auth/oauth2/token';
  return { name: 'better-auth', ...shared, tokenPath, client: { id, secret }, extra: { resource } };
}

/** Makes codes where a server for comparison does it. */
function codesFrom({ origin }: Server): Issuer['codes'] {
  return async (count) => {
    const query = new URLSearchParams({ count: String(count), code_challenge: codeChallenge });
    const answer = await fetch(`${origin}/codes?${query}`);
    return z.array(z.string()).parse(await answer.json());
  };
}

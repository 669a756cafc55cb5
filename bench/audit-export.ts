import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import knex from 'knex';
import { loadProduct } from '#catalog';
import { mintApiKey } from '#crypto';
import { ensureDatabase, insertApiKey, insertOrganization, migrate, openDatabase } from '#store';
import { freePort } from '../apps/dev/src/free-port.ts';
import { startPostgres } from '../apps/dev/src/postgres.ts';
import { down, up } from '../migrations/0009_audit_chain.ts';

// `node bench/audit-export.ts --rows 1000000`: exports and verifies an audit log of so many entries, and prints how long
// it took and the most memory that the exporting, then the verifying process ever had.
const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } });
const rows = Number(values.rows);
const say = (line: string) => void process.stdout.write(`${line}\n`);
const thousands = (number: number) => number.toLocaleString('en');
const mib = (kib: number) => `${(kib / 1024).toFixed(0)} MiB`;

const folder = mkdtempSync(join(tmpdir(), 'keystile-bench-'));
const postgres = await startPostgres(join(folder, 'postgres'), { fsync: 'off', max_wal_size: '8GB' });
try {
  const url = postgres.urlOf('bench');
  const key = await fill(url);
  const api = await startApi(url);
  say(`${thousands(rows)} entries; the API begins at ${mib(await peakKib(api.child))}`);
  for (const format of ['csv', 'jsonl']) {
    const { lines, bytes, seconds } = await download(`${api.origin}/v1/audit/export?format=${format}`, key);
    const peak = mib(await peakKib(api.child));
    say(
      `export ${format}: ${thousands(lines)} lines, ${mib(bytes / 1024)} in ${seconds.toFixed(1)} s; API's peak ${peak}`,
    );
  }
  api.child.kill('SIGTERM');
  await verify(url);
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true });
}

/** Makes an organization with `rows` entries and answers a key that may export them. */
async function fill(url: string): Promise<string> {
  await ensureDatabase(url);
  await migrate(url);
  const product = await loadProduct('vaultwares');
  const db = openDatabase({ url });
  const { id } = await insertOrganization(db, { name: 'Large', plan: product.defaultPlan, windows: null });
  const { key, hash, hint } = mintApiKey(product.keys.prefixes.live);
  const limits = { allowedIps: [], createdBy: null, expiresAt: null };
  await insertApiKey(db, {
    organizationId: id,
    mode: 'live',
    name: 'K',
    hash,
    hint,
    scopes: ['admin'],
    ...limits,
  });
  await db.close();

  // The migration links what it finds, so the entries are made in the shape that they had before it.
  const client = knex({ client: 'pg', connection: url });
  await client.transaction(down);
  await client.raw(
    `insert into audit_entries (id, organization_id, mode, actor_type, actor_id, action, target_type, target_id,
       before, after, request_id, ip_address, created_at)
     select 'aud_' || lpad(n::text, 26, '0'), ?, 'live', 'api_key', 'key_01jhn3v4q8e6xtk2m5r7w9y0bc', 'devices.updated',
       'dev', 'dev_' || lpad((n % 1000)::text, 26, '0'), jsonb_build_object('name', 'Lamp ' || n, 'status', 'online'),
       jsonb_build_object('name', '=Lamp ' || n, 'status', 'offline'), 'req_' || md5(n::text), '203.0.113.7',
       timestamptz '2026-01-01' + n * interval '1 second'
     from generate_series(1, ?::int) n`,
    [id, rows],
  );
  const begun = performance.now();
  await client.transaction(up);
  say(
    `the migration linked ${thousands(rows)} entries in ${((performance.now() - begun) / 1000).toFixed(1)} s`,
  );
  await client.destroy();
  return key;
}

function measured(program: string, args: string[], env: Record<string, string>): ChildProcess {
  const hook = new URL('report-memory.ts', import.meta.url).href;
  return fork(new URL(`../apps/${program}`, import.meta.url), args, {
    env: { ...process.env, ...env },
    execArgv: ['--import', hook],
  });
}

function answer(child: ChildProcess): Promise<unknown> {
  return new Promise((done, fail) => {
    child.once('message', done);
    child.once('exit', () => fail(new Error('the process has ended')));
  });
}

async function startApi(url: string) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const env = {
    DATABASE_URL: url,
    API_URL: origin,
    AUTH_URL: origin,
    PORT: String(port),
    LOG_LEVEL: 'silent',
  };
  const child = measured('api/src/main.ts', [], env);
  await answer(child);
  return { origin, child };
}

async function peakKib(child: ChildProcess): Promise<number> {
  const told = answer(child);
  child.send('memory');
  return Number(Object(await told).peakKib);
}

async function download(url: string, key: string) {
  const begun = performance.now();
  const response = await fetch(url, { headers: { Authorization: `Bearer ${key}` } });
  if (response.status !== 200) throw new Error(`the API answered ${response.status}`);
  let [lines, bytes] = [0, 0];
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) lines++;
  }
  return { lines, bytes, seconds: (performance.now() - begun) / 1000 };
}

async function verify(url: string): Promise<void> {
  const begun = performance.now();
  const child = measured('cli/src/main.ts', ['audit', 'verify'], { DATABASE_URL: url });
  const peak = mib(Number(Object(await answer(child)).peakKib));
  say(`audit verify: ${((performance.now() - begun) / 1000).toFixed(1)} s; its peak ${peak}`);
}

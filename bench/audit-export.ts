import { join } from 'node:path';
import { defaultProduct, loadProduct } from '#catalog';
import { ensureDatabase, migrate } from '#store';
import { startPostgres } from '../apps/dev/src/postgres.ts';
import { fillAuditLog } from './data/fill-audit-log.ts';
import type { Bench } from './harness/bench.ts';
import { runProgram, startServer } from './harness/start-server.ts';

/**
 * Exports an audit log of `--rows` entries in both formats and verifies it: how long each takes, and the most memory that the
 * exporting, then the verifying process ever had.
 */
export async function auditExport(bench: Bench): Promise<void> {
  const { options, say } = bench;
  const postgres = await startPostgres(join(bench.folder, 'postgres'), { fsync: 'off', max_wal_size: '8GB' });
  bench.atEnd(() => postgres.stop());
  const url = postgres.urlOf('audit');
  await ensureDatabase(url);
  await migrate(url);
  const product = await loadProduct(defaultProduct);
  const audit = product.capabilities.find((each) => each.capability === 'auditLog');
  if (!audit) throw new Error(`${product.name} has no audit log`);
  const { key, linkSeconds } = await fillAuditLog(url, product, options.rows);
  say(`${count(options.rows)} entries, linked by the migration in ${linkSeconds.toFixed(1)} s`);

  const origins = {
    API_URL: 'http://127.0.0.1',
    AUTH_URL: 'http://127.0.0.1:1',
    ENCRYPTION_KEY: '0'.repeat(64),
  };
  const env = { DATABASE_URL: url, PRODUCT: product.slug, LOG_LEVEL: 'silent', ...origins };
  const api = await startServer(bench, '../apps/api/src/main.ts', env);
  say(`the API begins at ${mib((await api.usage()).peakKib)}`);
  for (const format of ['csv', 'jsonl']) {
    const at = `${api.origin}${product.basePath}${audit.path}/export?format=${format}`;
    const { lines, bytes, seconds } = await download(at, key);
    const size = `${count(lines)} lines, ${mib(bytes / 1024)} in ${seconds.toFixed(1)} s`;
    say(`export as ${format}: ${size}; the API's peak ${mib((await api.usage()).peakKib)}`);
  }

  const begun = performance.now();
  const { peakKib } = await runProgram(bench, '../apps/cli/src/main.ts', ['audit', 'verify'], env);
  say(`audit verify: ${((performance.now() - begun) / 1000).toFixed(1)} s; its peak ${mib(peakKib)}`);
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

const count = (value: number) => value.toLocaleString('en');
const mib = (kib: number) => `${(kib / 1024).toFixed(0)} MiB`;

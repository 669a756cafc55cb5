/* biome-ignore-all lint/suspicious/noConsole: what this prints is its purpose. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProduct, type Product } from '#catalog';
import { ensureDatabase, migrate, openDatabase } from '#store';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { startPart } from '../../apps/dev/src/parts.ts';
import { startPostgres } from '../../apps/dev/src/postgres.ts';
import { createConsent, createKey, createOrganization } from '../support/fixtures.ts';
import { pythonVenv } from '../support/python-venv.ts';

// Runs Schemathesis against a deployment of one product: a PostgreSQL, the API as a process, two organizations.
// Exits with 0 only when Schemathesis found nothing, and could work to its end.
const [name = 'vaultwares', ...options] = process.argv.slice(2);
const here = new URL('./', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'keystile-schemathesis-'));

/** What to undo, the last thing first. */
const undo: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end(1));

try {
  await end((await run()) ? 0 : 1);
} catch (error) {
  console.error(error);
  await end(1);
}

async function end(exitCode: number): Promise<never> {
  for (const step of undo.splice(0).reverse()) await step().catch(console.error);
  process.exit(exitCode);
}

async function run(): Promise<boolean> {
  const productFile = join(here, 'products', `${name}.ts`);
  const product = await loadProduct(productFile);
  const schemathesis = pythonVenv('schemathesis', join(here, 'requirements.txt'));

  const postgres = await startPostgres(join(folder, 'postgres'), { fsync: 'off' });
  undo.push(() => postgres.stop());
  const databaseUrl = postgres.urlOf('keystile');
  await ensureDatabase(databaseUrl);
  await migrate(databaseUrl);
  const { own, other, consents } = await fill(databaseUrl, product);

  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const api = startPart('api', {
    ...process.env,
    DATABASE_URL: databaseUrl,
    PRODUCT: productFile,
    API_URL: origin,
    AUTH_URL: 'http://127.0.0.1:1',
    ENCRYPTION_KEY: '0'.repeat(64),
    PORT: String(port),
    LOG_LEVEL: 'error',
  });
  undo.push(() => api.stop());
  await api.ready;

  const keysFile = join(folder, 'keys.json');
  const userOf = (user: string, key: string) => ({
    name: user,
    fixedHeaders: [{ name: 'Authorization', value: `Bearer ${key}` }],
  });
  writeFileSync(keysFile, JSON.stringify({ auth: [userOf('own', own.key), userOf('other', other.key)] }));
  const passed = await succeeds(
    join(schemathesis, 'schemathesis'),
    [
      '--config-file',
      join(here, 'schemathesis.toml'),
      'run',
      `${origin}/openapi.json`,
      '--checks=all',
      ...options,
    ],
    {
      KEYS_FILE: keysFile,
      OWN_KEY_ID: own.id,
      CONSENT_IDS: consents.join(' '),
      SCHEMATHESIS_HOOKS: join(here, 'hooks.py'),
    },
  );

  // A key that the run itself has stopped would have met 401 from there on, and nothing else.
  const { status } = await fetch(`${origin}${product.basePath}/nothing-here`, {
    headers: { Authorization: `Bearer ${own.key}` },
  });
  if (status !== 404) console.error(`the run's own key gets ${status} at its end`);
  return passed && status === 404;
}

/** A key for everything of each of two organizations, on the product's largest plan, and consents to apps in the first. */
async function fill(databaseUrl: string, product: Product) {
  const db = openDatabase({ url: databaseUrl, poolSize: 1 });
  const plan = Object.keys(product.plans).at(-1) ?? product.defaultPlan;
  const create = async () => {
    const { id } = await createOrganization(db, product, { plan });
    const key = await createKey(db, product, id, Object.keys(product.scopes));
    return { ...key, organizationId: id };
  };
  const [own, other] = [await create(), await create()];
  const consents: string[] = [];
  for (let n = 0; n < 20; n++) consents.push((await createConsent(db, product, own.organizationId)).id);
  await db.close();
  return { own, other, consents };
}

/** Runs a program to its end within the run's own folder. */
function succeeds(command: string, args: string[], env: Record<string, string>): Promise<boolean> {
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  undo.push(async () => void child.kill());
  return new Promise((done, fail) => child.once('error', fail).once('close', (code) => done(code === 0)));
}

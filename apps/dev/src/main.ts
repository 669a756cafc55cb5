/* biome-ignore-all lint/suspicious/noConsole: what npm start prints is its purpose. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadProduct } from '#catalog';
import { listen } from '#http';
import { ensureDatabase, migrate, openDatabase } from '#store';
import { devConfig } from './config.ts';
import { ensureDemo } from './demo.ts';
import { demoClient } from './demo-client.ts';
import { type Part, startPart } from './parts.ts';
import { authorizeUrl, callCommand, exchangeCommand } from './paste.ts';
import { startPostgres } from './postgres.ts';

/** What to undo, the last thing first. */
const undo: (() => Promise<unknown>)[] = [];

let stopping: Promise<void> | undefined;

function stopAll(exitCode: number): Promise<void> {
  stopping ??= (async () => {
    for (const step of undo.reverse()) await step().catch(() => {});
    process.exit(exitCode);
  })();
  return stopping;
}

process
  .once('SIGINT', () => stopAll(0))
  .once('SIGTERM', () => stopAll(0))
  .once('SIGHUP', () => stopAll(0));

endWithNpm();

try {
  await start();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(message.startsWith('keystile') ? message : `keystile: ${message}`);
  await stopAll(1);
}

async function start(): Promise<void> {
  const config = devConfig();
  const product = await loadProduct(config.PRODUCT);
  const dataDir = config.DATA_DIR;
  mkdirSync(dataDir, { recursive: true });

  const databaseUrl = config.DATABASE_URL ?? (await startEmbedded(dataDir, `keystile_${product.slug}`));
  await migrate(databaseUrl);

  const [apiPort, authPort, demoPort] = [config.PORT_BASE, config.PORT_BASE + 1, config.PORT_BASE + 3];
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    PRODUCT: config.PRODUCT,
    API_URL: `http://127.0.0.1:${apiPort}`,
    AUTH_URL: `http://127.0.0.1:${authPort}`,
    ENCRYPTION_KEY: encryptionKey(dataDir),
    LOG_LEVEL: config.LOG_LEVEL,
    // One port for both apps would be taken.
    METRICS_PORT: '',
  };
  const parts = [
    startPart('auth', { ...env, PORT: String(authPort) }),
    startPart('api', { ...env, PORT: String(apiPort) }),
    startPart('worker', { ...env, MAIL_DIR: join(dataDir, 'mail') }),
  ];
  undo.push(() => Promise.all(parts.map((part) => part.stop())));

  const db = openDatabase({ url: databaseUrl, poolSize: 2 });
  const demo = await ensureDemo(db, product, dataDir, {
    api_url: env.API_URL,
    auth_url: env.AUTH_URL,
    redirect_uri: `http://127.0.0.1:${demoPort}/callback`,
  });
  await db.close();
  const demoApp = await listen(demoClient(product, demo), { port: demoPort, host: '127.0.0.1', product });
  undo.push(() => demoApp.close());
  await Promise.all(parts.map((part) => part.ready));
  for (const part of parts) endTogether(part);

  console.log(`
${product.name} is ready (Ctrl-C stops it).

  API                    ${demo.api_url}${product.basePath}
  Authorization server   ${demo.auth_url}
  Demo key               ${demo.admin_key}
  Demo user              ${demo.user.email}  password ${demo.user.password}
  Demo client            ${demo.client.client_id}  secret ${demo.client.client_secret}
  The same as JSON       ${join(dataDir, 'demo.json')}

1. Call the API with the key:

${callCommand(product, demo)}

2. Open this URL, sign in as the demo user, and let the demo app in:

${authorizeUrl(product, demo)}

3. Exchange the code that comes back (the page shows this line with the code filled in):

${exchangeCommand(demo)}
`);
}

async function startEmbedded(dataDir: string, database: string): Promise<string> {
  const server = await startPostgres(join(dataDir, 'postgres'));
  undo.push(() => server.stop());
  endTogether({ name: 'PostgreSQL', ended: server.ended });
  const url = server.urlOf(database);
  await ensureDatabase(url);
  return url;
}

/** npm passes signals on to what it runs, but not its own end by one that can't be caught. */
function endWithNpm(): void {
  const npm = process.ppid;
  if (!process.env.npm_lifecycle_event) return;
  setInterval(() => process.ppid !== npm && stopAll(1), 200).unref();
}

function endTogether({ name, ended }: Pick<Part, 'name' | 'ended'>): void {
  ended.then(() => {
    if (stopping) return;
    console.error(`keystile: ${name} has ended; stopping everything`);
    return stopAll(1);
  });
}

/** Made at the first start; without it the signing keys in the database can't be read. */
function encryptionKey(dataDir: string): string {
  const file = join(dataDir, 'encryption-key');
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

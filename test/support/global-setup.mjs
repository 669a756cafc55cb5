// JavaScript, because Jest turns a TypeScript set-up into CommonJS, which can't load the migrations.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../apps/dev/src/postgres.ts';
import { ensureDatabase } from '../../packages/store/ensure-database.ts';
import { migrate } from '../../packages/store/migrate.ts';

/** One PostgreSQL for the whole run, with a migrated template database that each test file clones. */
export default async function globalSetup() {
  // What a run unpacks (a browser of 200 MB) is kept for the next one, and each user has a copy of one's own.
  process.env.TMPDIR = join(tmpdir(), `keystile-tests-of-${userInfo().username}`);
  mkdirSync(process.env.TMPDIR, { recursive: true, mode: 0o755 });
  // Many processes are started, each of which compiles the same modules.
  process.env.NODE_COMPILE_CACHE = join(process.env.TMPDIR, 'compiled');
  const folder = mkdtempSync(join(tmpdir(), 'run-'));
  // Lost on a crash of the machine, which ends the run anyway.
  const server = await startPostgres(join(folder, 'postgres'), {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '300',
  });
  const template = server.urlOf('template_keystile');
  await ensureDatabase(template);
  await migrate(template);

  process.env.TEST_POSTGRES_URL = server.urlOf('');
  globalThis.stopTestPostgres = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}

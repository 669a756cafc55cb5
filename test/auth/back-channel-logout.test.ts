import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { afterAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { createLogger, outsideFetch } from '#http';
import { fileSender } from '../../apps/worker/src/mail/file-sender.ts';
import { startWorker } from '../../apps/worker/src/start-worker.ts';
import { temporaryFolder } from '../support/npm-start.ts';
import { openBrowser, readForm, submit } from '../support/sign-in.ts';
import { startWorkerProcess } from '../support/start-worker.ts';
import { until } from '../support/until.ts';
import { createSetting, product } from './fixtures.ts';

// Apps that a person is signed in to hear of the sign-out (OpenID Connect Back-Channel Logout 1.0), from the worker.
const encryptionKey = randomBytes(32).toString('hex');
const setting = await createSetting({ encryptionKey });
const { db, auth } = setting;

const received: { path: string; token: string }[] = [];
/** What an app answers, by its path: 200 where nothing is said. */
const answers = new Map<string, number>();
const receiver = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const path = request.url ?? '';
    received.push({ path, token: new URLSearchParams(body).get('logout_token') ?? '' });
    response.writeHead(answers.get(path) ?? 200).end();
  });
});
await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
afterAll(() => {
  receiver.close().closeAllConnections();
});
const address = receiver.address();
const at = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;

/** A worker that reaches our receiver, too, in this process. */
async function openWorker() {
  const worker = await startWorker({
    databaseUrl: db.url,
    db,
    product,
    sender: fileSender(temporaryFolder(), { name: product.name, address: 'notices@example.com' }),
    logger: createLogger('worker', process.env.TEST_LOG_LEVEL ?? 'silent'),
    requestLogDays: 90,
    issuer: auth.url,
    encryptionKey,
    fetchOutside: outsideFetch({ mayReach: () => true }),
  });
  return worker;
}

/** A worker as it is, which reaches the public Internet alone. */
const guardedWorker = () =>
  startWorkerProcess({ DATABASE_URL: db.url, AUTH_URL: auth.url, ENCRYPTION_KEY: encryptionKey });

/** Signs a person in to clients of one browser, and out again. */
async function signOut(uris: string[]) {
  const person = await setting.person();
  const browser = openBrowser();
  const signedIn = [];
  for (const backchannelLogoutUri of uris) {
    const client = await setting.client({ backchannelLogoutUri });
    const tokens = await setting.tokens(client, person, { browser, scope: 'openid devices:read' });
    signedIn.push({ client, tokens });
  }
  const page = await browser.fetch(`${auth.url}/oauth/logout`);
  const form = readForm(await page.text());
  const action = new URL(form?.action ?? '', auth.url);
  const done = await submit(browser, action, [...(form?.fields ?? []), ['logout', 'yes']]);
  expect(done.status).toBe(303);
  return { person, signedIn };
}

interface Job {
  state: string;
  retryCount: number;
  waitsSeconds: number;
  output: { error?: string } | null;
}
const jobs = () =>
  db.query<Job>(
    `select j.state, j.retry_count as "retryCount", j.output,
       extract(epoch from j.start_after - now())::float8 as "waitsSeconds"
     from pgboss.job j where j.name = 'backchannel-logout' order by j.created_on`,
  );
/** The time until the next try passes. */
const pass = () =>
  db.query(`update pgboss.job set start_after = now() where name = 'backchannel-logout' and state = 'retry'`);
const allAre = (state: string) => async () => (await jobs()).every((job) => job.state === state);
const toldAt = (path: string) => received.filter((each) => each.path === path);

beforeEach(async () => {
  received.length = 0;
  await db.query(`delete from pgboss.job where name = 'backchannel-logout'`);
});

describe('a sign-out', () => {
  it('each app is told by a token of ours which session has ended', async () => {
    const { person, signedIn } = await signOut([`${at}/one`, `${at}/two`]);
    const worker = await openWorker();
    await until(allAre('completed'));
    await worker.stop();
    const keys = createRemoteJWKSet(new URL(`${auth.url}/oauth/jwks`));
    for (const [which, path] of ['/one', '/two'].entries()) {
      const app = signedIn[which];
      expect(toldAt(path)).toHaveLength(1);
      const { payload } = await jwtVerify(toldAt(path)[0]?.token ?? '', keys, {
        issuer: auth.url,
        audience: app?.client.id ?? '',
        typ: 'logout+jwt',
        maxTokenAge: '1m',
      });
      expect(payload).toMatchObject({
        sub: person.id,
        sid: decodeJwt(app?.tokens.id_token ?? '').sid,
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
        jti: expect.any(String),
      });
      expect(payload).not.toHaveProperty('nonce');
      expect(Number(payload.exp) - Number(payload.iat)).toBe(120);
    }
  });

  it('waits for no app, and is queued without a token', async () => {
    const warned = jest.spyOn(console, 'warn');
    const { signedIn } = await signOut([`${at}/one`]);
    expect(received).toEqual([]);
    // oidc-provider's own calls, which it would warn of, are not made.
    expect(warned).not.toHaveBeenCalled();
    const queued = await db.query(`select j.data from pgboss.job j where j.name = 'backchannel-logout'`);
    expect(queued).toEqual([
      { data: { clientId: signedIn[0]?.client.id, userId: expect.any(String), sid: expect.any(String) } },
    ]);
  });
});

describe('an app that does not answer', () => {
  it('is told again, later each time, by a new token, until it does; others hear at once', async () => {
    answers.set('/failing', 503);
    await signOut([`${at}/failing`, `${at}/fine`]);
    const worker = await openWorker();
    const waits: number[] = [];
    for (let tries = 1; tries <= 3; tries++) {
      await until(async () =>
        (await jobs()).some((job) => job.state === 'retry' && job.retryCount === tries - 1),
      );
      expect(toldAt('/failing')).toHaveLength(tries);
      waits.push(Math.max(...(await jobs()).map(({ waitsSeconds }) => waitsSeconds)));
      if (tries === 3) answers.set('/failing', 204);
      await pass();
    }
    await until(allAre('completed'));
    await worker.stop();
    expect(toldAt('/fine')).toHaveLength(1);
    const tokens = toldAt('/failing').map(({ token }) => decodeJwt(token));
    expect(tokens).toHaveLength(4);
    expect(new Set(tokens.map(({ jti }) => jti)).size).toBe(4);
    expect(new Set(tokens.map(({ sid }) => sid)).size).toBe(1);
    expect(waits.every((wait, n) => wait > (waits[n - 1] ?? 0))).toBe(true);
  });

  it('in our own network is not called; the worker that tried is killed, and another one goes on', async () => {
    await signOut([`${at}/inside`]);
    const guarded = await guardedWorker();
    await until(async () => (await jobs())[0]?.state === 'retry');
    expect(await guarded.end('SIGKILL')).toBe('SIGKILL');
    expect((await jobs())[0]?.output?.error).toContain('127.0.0.1 must not be reached');
    expect(received).toEqual([]);
    await pass();
    const worker = await openWorker();
    await until(allAre('completed'));
    await worker.stop();
    expect(toldAt('/inside')).toHaveLength(1);
  });

  it('is given up in the end, and the log says so', async () => {
    await signOut([`${at}/inside`]);
    await db.query(`update pgboss.job set retry_count = retry_limit where name = 'backchannel-logout'`);
    const guarded = await guardedWorker();
    await until(allAre('failed'));
    await until(() => guarded.log().includes('it is given up'));
    await guarded.end('SIGTERM');
  });

  it('is not asked any more when it wants to be told no more, or is deleted', async () => {
    const { signedIn } = await signOut([`${at}/one`, `${at}/two`]);
    const [one, two] = signedIn.map(({ client }) => client.id);
    await db.query('update clients set backchannel_logout_uri = null where id = $1', [one]);
    await db.query('delete from clients where id = $1', [two]);
    const worker = await openWorker();
    await until(allAre('completed'));
    await worker.stop();
    expect(received).toEqual([]);
  });
});

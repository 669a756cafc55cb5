import { connect, createServer, type Socket } from 'node:net';
import { afterAll, expect, it } from '@jest/globals';
import { openDatabase } from '#store';
import { openBrowser } from '../support/sign-in.ts';
import { startAuth } from '../support/start-auth.ts';
import { apiUrl, createSetting, product } from './fixtures.ts';

const setting = await createSetting();

/** Stands between the server and PostgreSQL, and can be cut. */
const target = new URL(setting.db.url);
const sockets = new Set<Socket>();
let cut = false;
const proxy = createServer((socket) => {
  if (cut) return socket.destroy();
  const onward = connect(Number(target.port), target.hostname);
  for (const [one, other] of [
    [socket, onward],
    [onward, socket],
  ] as const) {
    sockets.add(one);
    one.pipe(other).on('error', () => {});
    one.on('close', () => other.destroy());
  }
});
await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
const address = proxy.address();
const through = new URL(target);
through.port = String(typeof address === 'object' && address ? address.port : 0);
const db = openDatabase({ url: through.href, poolSize: 3 });
afterAll(async () => {
  await db.close();
  for (const socket of sockets) socket.destroy();
  proxy.close();
});

it('while PostgreSQL is away each route says so, and the server goes on when it is back', async () => {
  const auth = await startAuth({ db, product, apiUrl });
  const client = await setting.client();
  const browser = openBrowser();
  const start = setting.authorizeUrl(client);
  const authorizeUrl = `${auth.url}${start.pathname}${start.search}`;
  const first = await browser.fetch(authorizeUrl);
  const interaction = new URL(first.headers.get('location') ?? '', auth.url);
  const body = new URLSearchParams({
    client_id: client.id,
    client_secret: client.secret ?? '',
    grant_type: 'refresh_token',
    refresh_token: 'x',
  });
  const ask = async () => {
    const answers = [
      await browser.fetch(authorizeUrl),
      await browser.fetch(interaction),
      await fetch(`${auth.url}/oauth/token`, { method: 'POST', body }),
      await fetch(`${auth.url}/health`),
    ];
    return answers.map(({ status }) => status);
  };
  expect(await ask()).toEqual([303, 200, 400, 200]);

  cut = true;
  for (const socket of sockets) socket.destroy();
  expect(await ask()).toEqual([503, 503, 503, 503]);
  const page = await (await browser.fetch(interaction)).text();
  expect(page).toContain('Try again in a moment');
  expect(page).not.toMatch(/postgres|at .*\.ts/i);

  cut = false;
  expect(await ask()).toEqual([303, 200, 400, 200]);
});

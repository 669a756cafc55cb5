import { afterAll, expect, it } from '@jest/globals';
import { openDatabase } from '#store';
import { relayDatabase } from '../support/database-relay.ts';
import { openBrowser } from '../support/sign-in.ts';
import { startAuth } from '../support/start-auth.ts';
import { apiUrl, createSetting, product } from './fixtures.ts';

const setting = await createSetting();

const relay = await relayDatabase(setting.db.url);
const db = openDatabase({ url: relay.url, poolSize: 3 });
afterAll(() => db.close());

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

  relay.cut();
  expect(await ask()).toEqual([503, 503, 503, 503]);
  const page = await (await browser.fetch(interaction)).text();
  expect(page).toContain('Try again in a moment');
  expect(page).not.toMatch(/postgres|at .*\.ts/i);

  relay.mend();
  expect(await ask()).toEqual([303, 200, 400, 200]);
});

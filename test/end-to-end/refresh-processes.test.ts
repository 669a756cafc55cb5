import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { createSettingOn, product, type TestClient, type TokenAnswer } from '../auth/fixtures.ts';
import { callAs } from '../support/call.ts';
import { openBrowser } from '../support/sign-in.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { startTwoOfEach } from '../support/two-of-each.ts';

// Two authorization servers and two APIs as processes of their own, on one database.
const db = await createTestDatabase();
const { auth, apis } = await startTwoOfEach(db);
const setting = await createSettingOn(db, auth);
const person = await setting.person();
const [one, other] = auth.processes;
const devices = (process: { url: string }) => `${process.url}${product.basePath}/devices`;

async function refreshAt(
  process: { url: string },
  client: TestClient,
  refreshToken: string,
): Promise<TokenAnswer> {
  const response = await fetch(`${process.url}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: client.id,
      client_secret: client.secret ?? '',
    }),
  });
  return { ...(await response.json()), status: response.status };
}

describe('behind a round robin', () => {
  it('a flow changes its process at every step', async () => {
    for (const type of ['confidential', 'public'] as const) {
      const client = await setting.client({ type });
      const browser = openBrowser();
      // An odd number of requests a flow: the second begins at the other process.
      for (let flow = 0; flow < 2; flow++) {
        const tokens = await setting.tokens(client, person, { browser, scope: 'openid devices:read' });
        expect(tokens.status).toBe(200);
        const next = await setting.refresh(client, tokens.refresh_token);
        for (const { access_token } of [tokens, next]) {
          for (const api of apis) expect((await callAs(access_token, devices(api))).status).toBe(200);
        }
        const introspected = await setting.post('/oauth/introspect', client, { token: next.access_token });
        expect(await introspected.json()).toMatchObject({ active: true });
        await fetch(`${auth.url}/health`);
      }
    }
  });

  it('50 refreshes at once get one answer', async () => {
    const client = await setting.client();
    const { refresh_token } = await setting.tokens(client, person);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => setting.refresh(client, refresh_token)),
    );
    expect(answers[0]?.status).toBe(200);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });
});

describe('a process that is killed in the middle of refreshes', () => {
  it('signs nobody out: the same refresh succeeds at the other process', async () => {
    const client = await setting.client();
    const browser = openBrowser();
    const families: TokenAnswer[] = [];
    for (let at = 0; at < 8; at++) families.push(await setting.tokens(client, person, { browser }));

    const killed = await db.transaction(async (tx) => {
      // Holds up what stores the answers, and with it the use of the tokens.
      await tx.query('lock table oidc_refresh_answers in share mode');
      const lost = families.map(({ refresh_token }) => refreshAt(one, client, refresh_token));
      const ended = Promise.allSettled(lost);
      for (let waiting = 0; waiting < families.length; ) {
        const [row] = await db.query<{ count: number }>(
          `select count(*)::integer from pg_locks l join pg_stat_activity a on a.pid = l.pid
           where l.relation = 'oidc_refresh_answers'::regclass and not l.granted and a.datname = current_database()`,
        );
        waiting = row?.count ?? 0;
      }
      one.child.kill('SIGKILL');
      await once(one.child, 'exit');
      return ended;
    });
    expect(killed.map(({ status }) => status)).toEqual(families.map(() => 'rejected'));

    for (const { refresh_token } of families) {
      const answer = await refreshAt(other, client, refresh_token);
      expect(answer.status).toBe(200);
      expect((await callAs(answer.access_token, devices(apis[0]))).status).toBe(200);
      expect((await refreshAt(other, client, answer.refresh_token)).status).toBe(200);
    }
  });
});

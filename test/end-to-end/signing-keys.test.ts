import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { createSettingOn, product } from '../auth/fixtures.ts';
import { callAs } from '../support/call.ts';
import { createKey } from '../support/fixtures.ts';
import { authorize, openBrowser } from '../support/sign-in.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { startTwoOfEach } from '../support/two-of-each.ts';
import { until } from '../support/until.ts';

// Keys take turns under two authorization servers and two APIs, which are not restarted.
const db = await createTestDatabase();
const { auth, apis, encryptionKey } = await startTwoOfEach(db);
const setting = await createSettingOn(db, auth);
const main = new URL('../../apps/cli/src/main.ts', import.meta.url).pathname;
const run = promisify(execFile);

async function keystile(...args: string[]) {
  const env = { ...process.env, DATABASE_URL: db.url, ENCRYPTION_KEY: encryptionKey };
  const { stdout } = await run(process.execPath, [main, 'signing-keys', ...args], { env });
  const keys: { id: string; state: string }[] = JSON.parse(stdout);
  return keys;
}

async function published(server: { url: string }): Promise<string[]> {
  const { keys } = await (await fetch(`${server.url}/oauth/jwks`)).json();
  return keys.map(({ kid }: { kid: string }) => kid).toSorted();
}

const kidOf = (token: string) => decodeProtectedHeader(token).kid ?? '';

/** The hours that keys wait and verify for pass by moving what PostgreSQL's clock is compared with. */
const pass = (interval: string) =>
  db.query('update signing_keys set signs_from = signs_from - $1::interval', [interval]);

/** Asks until each server's answer is the expected one. */
async function untilBoth<Answer>(ask: (server: { url: string }) => Promise<Answer>, expected: Answer) {
  for (const server of auth.processes) {
    while (JSON.stringify(await ask(server)) !== JSON.stringify(expected));
  }
}

describe('a rotation of the signing keys', () => {
  it('needs no restart, and no verification fails while it goes on', async () => {
    const client = await setting.client();
    const person = await setting.person();
    const browser = openBrowser();
    const tokens = await setting.tokens(client, person, { browser, scope: 'openid devices:read' });
    let refreshToken = tokens.refresh_token;
    const formerKid = kidOf(tokens.access_token);
    // A verifier that keeps its copy of the published keys, for as long as it may.
    let copy = createLocalJWKSet(await (await fetch(`${auth.url}/oauth/jwks`)).json());

    const failures: unknown[] = [];
    let going = true;
    const verifyAll = async () => {
      for (let round = 0; going; round++) {
        const next = await setting.refresh(client, refreshToken);
        refreshToken = next.refresh_token;
        const kid = kidOf(next.access_token);
        for (const token of [next.access_token, next.id_token]) {
          await jwtVerify(token, copy).catch((error) => failures.push([round, kid, String(error)]));
          const current = createRemoteJWKSet(new URL(`${auth.url}/oauth/jwks`));
          await jwtVerify(token, current).catch((error) => failures.push([round, kid, String(error)]));
        }
        for (const api of apis) {
          for (const token of [next.access_token, tokens.access_token]) {
            const { status } = await callAs(token, `${api.url}${product.basePath}/devices`);
            if (status !== 200) failures.push([round, kid, api.url, status]);
          }
        }
        const asked = await setting.post('/oauth/introspect', client, { token: next.access_token });
        if (!(await asked.json()).active) failures.push([round, kid, 'inactive']);
      }
    };
    const verifying = verifyAll();
    const lastKid = async (server: { url: string }) => {
      const fresh = await setting.tokens({ ...client }, person, { browser: openBrowser() });
      const response = await fetch(`${server.url}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          refresh_token: fresh.refresh_token,
          client_id: client.id,
          client_secret: client.secret ?? '',
        }),
      });
      return kidOf((await response.json()).access_token);
    };

    const [made] = await keystile('rotate');
    const newKid = made?.id ?? '';
    expect(made?.state).toBe('waiting');
    await expect(keystile('rotate')).rejects.toThrow(`${newKid} is published already`);
    await untilBoth(published, [formerKid, newKid].toSorted());
    copy = createLocalJWKSet(await (await fetch(`${auth.url}/oauth/jwks`)).json());
    expect(await lastKid(auth)).toBe(formerKid);

    await pass('1 hour');
    await untilBoth(lastKid, newKid);
    expect(await published(auth)).toEqual([formerKid, newKid].toSorted());
    going = false;
    await verifying;
    expect(failures).toEqual([]);
    expect((await keystile('list')).map(({ id, state }) => [id, state])).toEqual([
      [newKid, 'signing'],
      [formerKid, 'verifying'],
    ]);

    // The last token of the former key has expired; the session that it began has not.
    await pass('3 hours');
    await untilBoth(published, [newKid]);
    const silent = await authorize(setting.authorizeUrl(client, { prompt: 'none' }), person, { browser });
    expect(silent.searchParams.get('code')).toEqual(expect.any(String));

    await pass('15 days');
    expect((await keystile('rotate')).map(({ state }) => state)).toEqual(['waiting', 'signing']);
  }, 90_000);
});

describe('a signing key that is revoked', () => {
  it('is dropped: no API takes its tokens from the next request on, and a new one signs and is published', async () => {
    const client = await setting.client();
    const person = await setting.person();
    const browser = openBrowser();
    const server = await setting.client({ grantTypes: ['client_credentials'] });
    const own = await setting.exchange(server, { grant_type: 'client_credentials', scope: 'devices:read' });
    const tokens = await setting.tokens(client, person, { browser, scope: 'openid devices:read' });
    const leaked = kidOf(tokens.access_token);
    const at = `${product.basePath}/devices`;
    const statuses = async (token: string) =>
      Promise.all(apis.map(async ({ url }) => (await callAs(token, url + at)).status));
    expect(await statuses(tokens.access_token)).toEqual([200, 200]);
    expect(await statuses(own.access_token)).toEqual([200, 200]);

    const keys = await keystile('revoke', leaked);
    expect(await statuses(tokens.access_token)).toEqual([401, 401]);
    expect(await statuses(own.access_token)).toEqual([401, 401]);
    const introspected = await setting.post('/oauth/introspect', client, { token: tokens.access_token });
    expect(await introspected.json()).toEqual({ active: false });
    const signing = keys.find(({ state }) => state === 'signing')?.id ?? '';
    expect(signing).not.toBe(leaked);
    await expect(keystile('revoke', leaked)).rejects.toThrow('is revoked already');

    // What the README says: two seconds until each server has heard of it.
    const revokedAt = Date.now();
    const good = keys.filter(({ state }) => state !== 'revoked').map(({ id }) => id);
    await untilBoth(published, good.toSorted());
    expect(Date.now() - revokedAt).toBeLessThan(8_000);
    const next = await setting.refresh(client, tokens.refresh_token);
    expect(kidOf(next.access_token)).toBe(signing);
    expect(await statuses(next.access_token)).toEqual([200, 200]);
    // A cookie could have been made with it, too.
    const silent = await authorize(setting.authorizeUrl(client, { prompt: 'none' }), person, { browser });
    expect(silent.searchParams.get('error')).toBe('login_required');

    const { key } = await createKey(db, product, setting.organizationId, ['audit:read']);
    const [api] = apis;
    const refused = await callAs(tokens.access_token, api.url + at);
    const look = () =>
      callAs(key, `${api.url}${product.basePath}/requests/${refused.headers.get('X-Request-Id')}`);
    await until(async () => (await look()).status === 200);
    expect((await look()).body).toMatchObject({
      denial: {
        detail: `The key ${leaked} that signed the access token was revoked.`,
        mend: expect.stringContaining('refresh token'),
      },
    });
  }, 60_000);
});

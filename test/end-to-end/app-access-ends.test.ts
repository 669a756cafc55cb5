import { describe, expect, it } from '@jest/globals';
import {
  findConsent,
  findOrInsertUser,
  insertMember,
  insertOrganization,
  newId,
  updateOrganizationPlan,
} from '#store';
import {
  createClient,
  createSettingOn,
  type Person,
  password,
  passwordHash,
  product,
  type TestClient,
} from '../auth/fixtures.ts';
import { callAs } from '../support/call.ts';
import { createKey } from '../support/fixtures.ts';
import { type Browser, openBrowser, submit } from '../support/sign-in.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { startTwoOfEach } from '../support/two-of-each.ts';

// What a person or an administrator takes from an app holds at the next request on every process: two authorization
// servers, two APIs, one database.
const db = await createTestDatabase();
const { auth, apis } = await startTwoOfEach(db);
const setting = await createSettingOn(db, auth);
const { organizationId } = setting;
const windows = [{ name: 'minute', limit: 1_000_000, seconds: 60 }];
await updateOrganizationPlan(db, organizationId, { plan: 'custom', windows });
const maker = await insertOrganization(db, { name: 'Northwind', plan: 'enterprise', windows: null });
const admin = await createKey(db, product, organizationId, ['admin']);

interface Connected {
  person: Person;
  client: TestClient;
  browser: Browser;
  consent: string;
  tokens: Awaited<ReturnType<typeof setting.tokens>>;
}

async function connect(): Promise<Connected> {
  const email = `${newId('u')}@example.com`;
  const { id } = await findOrInsertUser(db, { email, name: 'Example', passwordHash });
  await insertMember(db, { organizationId, userId: id, role: 'member', name: 'Example' });
  const person = { id, email, password };
  const [client, browser] = [await createClient(db, maker.id), openBrowser()];
  const tokens = await setting.tokens(client, person, { browser, scope: 'devices:read devices:write' });
  const consent = await findConsent(db, { userId: id, clientId: client.id, organizationId });
  return { person, client, browser, tokens, consent: consent?.id ?? '' };
}

let rounds = 0;
const asAdmin = (method: string, path: string, json?: unknown) =>
  callAs(admin.key, `${apis[rounds++ % 2 === 0 ? 0 : 1].url}${product.basePath}${path}`, {
    method,
    ...(json !== undefined && { json }),
  });
const onPage = ({ browser, consent }: Connected, name: string, scope = '') =>
  submit(browser, `${auth.url}/account/apps/${name}`, [
    ['consent', consent],
    ['scope', scope],
  ]);

/** What the token then meets: reading and writing at each API. */
async function seen({ tokens }: Connected): Promise<number[]> {
  const asked = apis.flatMap(({ url }) =>
    ['GET', 'POST'].map(async (method) => {
      const json = method === 'POST' ? { json: { name: 'N' } } : {};
      const headers = { 'X-Forwarded-For': `198.18.0.${rounds++ % 256}` };
      const at = `${url}${product.basePath}/devices`;
      return (await callAs(tokens.access_token, at, { method, headers, ...json })).status;
    }),
  );
  return Promise.all(asked);
}

const good = [200, 201, 200, 201];
const gone = [401, 401, 401, 401];

describe.each([
  ['one scope dropped', (at: Connected) => onPage(at, 'drop', 'devices:write'), [200, 403, 200, 403]],
  ['the app disconnected', (at: Connected) => onPage(at, 'disconnect'), gone],
  [
    'the consent ended by an administrator',
    ({ consent }: Connected) => asAdmin('DELETE', `/apps/consents/${consent}`),
    gone,
  ],
  [
    'the app denied by an administrator',
    ({ client }: Connected) =>
      asAdmin('POST', '/apps/decisions', { client_id: client.id, decision: 'denied' }),
    gone,
  ],
  ['a policy that lets in no app', () => asAdmin('PATCH', '/organization', { app_policy: 'denied' }), gone],
] as const)('%s', (_what, change, expected) => {
  it('holds at the next request on every process, ten times over', async () => {
    for (let round = 0; round < 10; round++) {
      const at = await connect();
      if (round === 0) expect(await seen(at)).toEqual(good);
      expect((await change(at)).status).toBeLessThan(400);
      expect(await seen(at)).toEqual([...expected]);
      await asAdmin('PATCH', '/organization', { app_policy: 'allowed' });
    }
  });
});

import { describe, expect, it } from '@jest/globals';
import {
  changePassword,
  deleteClient,
  deleteConsent,
  disableUser,
  enableUser,
  findConsent,
  findOrInsertUser,
  insertMember,
  newId,
  updateOrganizationPlan,
} from '#store';
import {
  createSettingOn,
  type Person,
  password,
  passwordHash,
  product,
  type TestClient,
} from '../auth/fixtures.ts';
import { callAs } from '../support/call.ts';
import { createKey } from '../support/fixtures.ts';
import { type Browser, openBrowser } from '../support/sign-in.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { startTwoOfEach } from '../support/two-of-each.ts';

// What one process has answered holds on the others: two authorization servers, two APIs, one database.
const db = await createTestDatabase();
const { auth, apis } = await startTwoOfEach(db);
const setting = await createSettingOn(db, auth);
const { organizationId } = setting;
const windows = [{ name: 'minute', limit: 1_000_000, seconds: 60 }];
await updateOrganizationPlan(db, organizationId, { plan: 'custom', windows });
const admin = await createKey(db, product, organizationId, ['admin']);
const thief = await setting.client();

/** A user at one client, with the browser that is signed in. */
interface Device {
  person: Person;
  client: TestClient;
  browser: Browser;
}

// Each use comes from an address of its own: refusals are limited by address.
let uses = 0;
async function use(api: { url: string }, accessToken: string, method = 'GET'): Promise<number> {
  const headers = { 'X-Forwarded-For': `198.18.${(uses >> 8) & 255}.${uses++ & 255}` };
  const json = method === 'POST' ? { json: { name: 'N' } } : {};
  return (await callAs(accessToken, `${api.url}${product.basePath}/devices`, { method, headers, ...json }))
    .status;
}

const asAdmin = ({ id }: Person, method: string, json?: unknown) =>
  callAs(admin.key, `${apis[roundsDone % 2 === 0 ? 1 : 0].url}${product.basePath}/users/${id}`, {
    method,
    ...(json !== undefined && { json }),
  });

async function newDevice(): Promise<Device> {
  const email = `${newId('u')}@example.com`;
  const { id } = await findOrInsertUser(db, { email, name: 'Example', passwordHash });
  await insertMember(db, { organizationId, userId: id, role: 'member', name: 'Example' });
  return { person: { id, email, password }, client: await setting.client(), browser: openBrowser() };
}

const revoke = ({ client }: Device, token: string) => setting.post('/oauth/revoke', client, { token });
const join = ({ person: { id } }: Device) =>
  insertMember(db, { organizationId, userId: id, role: 'member', name: 'Example' });

/** What ends a whole family of tokens, and what makes the device fit for the next one. */
interface End {
  what: string;
  /** Resolves when the change has been answered. */
  change(device: Device, family: Family): Promise<unknown>;
  mend?(device: Device): Promise<unknown>;
}

/** The tokens of one sign-in: access tokens that live, and the refresh tokens, the last one unused. */
interface Family {
  accessTokens: string[];
  refreshTokens: [string, ...string[]];
}

const ends: readonly End[] = [
  {
    what: 'refresh token revoked',
    change: (device, { refreshTokens }) => revoke(device, refreshTokens.at(-1) ?? ''),
  },
  {
    what: 'refresh token used by another client',
    change: (_device, { refreshTokens }) => setting.refresh(thief, refreshTokens[0]),
  },
  {
    what: 'consent withdrawn',
    async change({ person, client }) {
      const consent = await findConsent(db, { userId: person.id, clientId: client.id, organizationId });
      await db.transaction((tx) => deleteConsent(tx, consent?.id ?? ''));
    },
  },
  { what: 'member removed', change: ({ person }) => asAdmin(person, 'DELETE'), mend: join },
  {
    what: 'member removed and added again',
    async change(device) {
      await asAdmin(device.person, 'DELETE');
      await join(device);
    },
  },
  {
    what: 'client deleted',
    change: ({ client }) => db.transaction((tx) => deleteClient(tx, client.id)),
    async mend(device) {
      device.client = await setting.client();
    },
  },
  {
    what: 'password changed',
    change: ({ person }) => db.transaction((tx) => changePassword(tx, person.id, passwordHash)),
  },
  {
    what: 'account disabled',
    change: ({ person }) => db.transaction((tx) => disableUser(tx, person.id)),
    mend: ({ person }) => enableUser(db, person.id),
  },
];

const misses: unknown[] = [];
let roundsDone = 0;

/** One round is a change, and what the next requests of `accessToken` then meet at either API and in introspection. */
async function round(
  what: string,
  { client }: Device,
  accessToken: string,
  change: () => Promise<unknown>,
  expected: { get: number; post: number; active: boolean },
): Promise<void> {
  await change();
  const [first, second] = roundsDone++ % 2 === 0 ? apis : [apis[1], apis[0]];
  const seen = {
    get: await use(first, accessToken),
    post: await use(second, accessToken, 'POST'),
    active:
      (await (await setting.post('/oauth/introspect', client, { token: accessToken })).json()).active ??
      false,
  };
  if (JSON.stringify(seen) !== JSON.stringify(expected)) misses.push([what, seen]);
}

const refused = { get: 401, post: 401, active: false };

/** Signs in, and carries out a dozen rounds with the tokens until the last change has ended all of them. */
async function runFamily(device: Device, end: End): Promise<void> {
  const { client, person, browser } = device;
  const first = await setting.tokens(client, person, { browser, scope: 'devices:read devices:write' });
  const family: Family = { accessTokens: [first.access_token], refreshTokens: [first.refresh_token] };
  for (let more = 0; more < 5; more++) {
    const next = await setting.refresh(client, family.refreshTokens.at(-1) ?? '');
    family.accessTokens.push(next.access_token);
    family.refreshTokens.push(next.refresh_token);
  }
  const [one = '', other = '', ...others] = family.accessTokens;
  for (let twice = 0; twice < 2; twice++) {
    const lose = () => asAdmin(person, 'PATCH', { role: 'viewer' });
    await round('role lost', device, one, lose, { get: 200, post: 403, active: true });
    const regain = () => asAdmin(person, 'PATCH', { role: 'member' });
    await round('role regained', device, other, regain, { get: 200, post: 201, active: true });
  }
  for (const token of others) {
    await round('access token revoked', device, token, () => revoke(device, token), refused);
  }
  await round(end.what, device, one, () => end.change(device, family), refused);
  await round(`${end.what}, another token`, device, other, async () => {}, refused);
  await end.mend?.(device);
}

describe('a revocation that was answered', () => {
  it('holds at the next request on every process, a thousand times without a miss', async () => {
    let families = 0;
    const lane = async () => {
      const device = await newDevice();
      while (roundsDone < 1_000) {
        const end = ends[families++ % ends.length];
        if (end) await runFamily(device, end);
      }
    };
    await Promise.all([lane(), lane(), lane()]);
    expect(misses).toEqual([]);
  }, 180_000);
});

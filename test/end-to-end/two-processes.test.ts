import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { updateOrganizationPlan } from '#store';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { type Answer, callAs, textField } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { appProcesses } from '../support/start-app.ts';
import { createTestDatabase } from '../support/test-database.ts';

// Two API processes on one database: what one has answered holds on the other.
const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const startApp = appProcesses();
const [one, other] = [await startServer(), await startServer()];

const plenty = { plan: 'custom', windows: [{ name: 'minute', limit: 1_000_000, seconds: 60 }] };
const single = { plan: 'custom', windows: [{ name: 'minute', limit: 1, seconds: 60 }] };
const organization = await createOrganization(db, product, plenty);
const admin = await createKey(db, product, organization.id, ['admin']);

async function startServer(): Promise<string> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  await startApp('api', {
    DATABASE_URL: db.url,
    API_URL: origin,
    AUTH_URL: 'http://127.0.0.1:1',
    ENCRYPTION_KEY: '0'.repeat(64),
    PORT: String(port),
    TRUSTED_PROXIES: '127.0.0.1',
    LOG_LEVEL: 'warn',
  });
  return origin + product.basePath;
}

interface KeyInUse {
  id: string;
  secret: string;
}

const change = (key: KeyInUse, method: string, path = '', json?: unknown): Promise<Answer> =>
  callAs(admin.key, `${one}/api-keys/${key.id}${path}`, { method, ...(json !== undefined && { json }) });
// Each use comes from an address of its own: refusals are limited by address.
let uses = 0;
const use = async (secret: string) => {
  const headers = { 'X-Forwarded-For': `198.18.${uses >> 8}.${uses++ & 255}` };
  return (await callAs(secret, `${other}/devices`, { headers })).status;
};
const newKey = async (): Promise<KeyInUse> => {
  const { id, key } = await createKey(db, product, organization.id, ['devices:read']);
  return { id, secret: key };
};

/** A change, and what the next request on the other process then meets. */
const rounds: [what: string, change: (key: KeyInUse) => Promise<unknown>, expected: number][] = [
  ['pause', (key) => change(key, 'POST', '/pause'), 401],
  ['resume', (key) => change(key, 'POST', '/resume'), 200],
  ['scope', (key) => change(key, 'PATCH', '', { permissions: ['policies:read'] }), 403],
  ['scope again', (key) => change(key, 'PATCH', '', { permissions: ['devices:read'] }), 200],
  ['address', (key) => change(key, 'PATCH', '', { allowed_ips: ['192.0.2.1'] }), 403],
  ['address again', (key) => change(key, 'PATCH', '', { allowed_ips: [] }), 200],
  ['plan', () => updateOrganizationPlan(db, organization.id, single), 429],
  ['plan again', () => updateOrganizationPlan(db, organization.id, plenty), 200],
  ['expiry', (key) => change(key, 'PATCH', '', { expires_at: '2020-01-01T00:00:00Z' }), 401],
  ['expiry again', (key) => change(key, 'PATCH', '', { expires_in: 'never' }), 200],
];

describe('a change that one process has answered', () => {
  it('holds at the next request on the other, a thousand times without a miss', async () => {
    const misses: unknown[] = [];
    let key = await newKey();
    for (let round = 0; round < 1_000; round++) {
      const expectUse = async (what: string, expected: number, secret = key.secret) => {
        const status = await use(secret);
        if (status !== expected) misses.push([round, what, status]);
      };
      const [what, make, expected] = rounds[round % 12] ?? [];
      if (what && make && expected) {
        await make(key);
        await expectUse(what, expected);
      } else if (round % 12 === 10) {
        const former = key.secret;
        key = { ...key, secret: textField((await change(key, 'POST', '/rotate')).body, 'key') };
        await expectUse('rotate', 401, former);
        await expectUse('rotated', 200);
      } else {
        await change(key, 'DELETE');
        await expectUse('revoke', 401);
        key = await newKey();
      }
    }
    expect(misses).toEqual([]);
  }, 60_000);
});

import { afterAll, describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { openDatabase } from '#store';
import { call, callAs, field, textField } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const windows = [{ name: 'minute', limit: 1_000_000, seconds: 60 }];
// Refusals are looked at one after the other here, so a stranger's limit would come in between.
const product = { ...(await loadProduct('vaultwares')), anonymousWindows: windows };
const db = await createTestDatabase();
const api = await startApi({ db, product, trustedProxies: ['127.0.0.1'] });
const { url } = api;
// A second server with connections of its own: what one has answered holds on the other.
const otherDb = openDatabase({ url: db.url, poolSize: 3 });
const other = await startApi({ db: otherDb, product });
afterAll(() => otherDb.close());

const { id: organizationId } = await createOrganization(db, product, { plan: 'custom', windows });
const admin = await createKey(db, product, organizationId, ['admin']);
const newKey = () => createKey(db, product, organizationId, ['devices:read']);
const act = (key: { id: string }, verb: string, json?: unknown, as = admin.key) =>
  callAs(as, `${url}/api-keys/${key.id}/${verb}`, { method: 'POST', ...(json !== undefined && { json }) });
const patch = (key: { id: string }, json: unknown) =>
  callAs(admin.key, `${url}/api-keys/${key.id}`, { method: 'PATCH', json });
const show = async (key: { id: string }) => (await callAs(admin.key, `${url}/api-keys/${key.id}`)).body;
const rotation = async (key: { id: string }) =>
  (await callAs(admin.key, `${url}/api-keys/${key.id}/rotation`)).body;
const use = async (key: string, at = url) => (await callAs(key, `${at}/devices`)).status;
const actions = async (key: { id: string }) => {
  const data = field((await callAs(admin.key, `${url}/audit?target_id=${key.id}`)).body, 'data');
  return (Array.isArray(data) ? data : []).map((entry) => entry.action);
};

describe('rotation at once', () => {
  it('kills the old secret with the answer, and keeps the key', async () => {
    const key = await newKey();
    const rotated = await act(key, 'rotate');
    const fresh = textField(rotated.body, 'key');
    expect(rotated.body).toMatchObject({
      id: key.id,
      status: 'active',
      rotation: { pending: null, retiring: null },
    });
    expect(field(rotated.body, 'last_rotated_at')).not.toBeNull();
    expect([await use(key.key, other.url), await use(fresh, other.url)]).toEqual([401, 200]);
    expect(field(await show(key), 'hint')).toBe(`vw_live_…${fresh.slice(-4)}`);
    expect(await actions(key)).toEqual(['api_key.rotated']);
  });

  it('ends a grace, and a secret that waits', async () => {
    const key = await newKey();
    const second = textField((await act(key, 'rotate', { grace_seconds: 3600 })).body, 'key');
    const third = textField((await act(key, 'rotate')).body, 'key');
    expect([await use(key.key), await use(second), await use(third)]).toEqual([401, 401, 200]);
    const waiting = textField((await act(key, 'rotate', { confirm: true })).body, 'key');
    await act(key, 'rotate');
    expect(await use(waiting)).toBe(401);
  });
});

describe('rotation of an expired key', () => {
  const expired = async () => {
    const key = await newKey();
    await db.query(
      `update api_keys set created_at = now() - interval '31 days', expires_at = now() - interval '1 day' where id = $1`,
      [key.id],
    );
    return key;
  };

  it('replaces it by one that lives as long again, and the old secret stays dead', async () => {
    const key = await expired();
    expect(await use(key.key)).toBe(401);
    const rotated = await act(key, 'rotate');
    const left = Date.parse(textField(rotated.body, 'expires_at')) - Date.now();
    expect(Math.round(left / 86_400_000)).toBe(30);
    expect([await use(textField(rotated.body, 'key')), await use(key.key)]).toEqual([200, 401]);
  });

  it('never wakes the old secret by a grace: 409, and nothing changes', async () => {
    const key = await expired();
    for (const how of [{ grace_seconds: 60 }, { confirm: true }, { confirm: true, grace_seconds: 0 }]) {
      expect((await act(key, 'rotate', how)).status).toBe(409);
    }
    expect(field(await show(key), 'status')).toBe('expired');
  });

  it('that was born expired has no life to repeat: 409', async () => {
    const past = '2020-01-01T00:00:00Z';
    const key = await createKey(db, product, organizationId, ['devices:read'], { expiresAt: past });
    expect((await act(key, 'rotate')).status).toBe(409);
  });
});

describe('rotation with a grace', () => {
  it('lets both secrets in, and tells who still uses the old one, by address and count', async () => {
    const key = await newKey();
    const rotated = await act(key, 'rotate', { grace_seconds: 600 });
    const fresh = textField(rotated.body, 'key');
    expect(field(await show(key), 'status')).toBe('rotating');
    expect([await use(fresh), await use(key.key)]).toEqual([200, 200]);
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.1']) {
      const headers = { Authorization: `Bearer ${key.key}`, 'X-Forwarded-For': address };
      await call(`${url}/devices`, { headers });
    }
    await api.flushKeyUses();
    const usedBy = field(await rotation(key), 'retiring', 'used_by');
    expect(usedBy).toEqual(
      expect.arrayContaining([
        { ip_address: '192.0.2.1', requests: 2, last_used_at: expect.stringMatching(/Z$/) },
        { ip_address: '192.0.2.2', requests: 1, last_used_at: expect.stringMatching(/Z$/) },
        { ip_address: '127.0.0.1', requests: 1, last_used_at: expect.stringMatching(/Z$/) },
      ]),
    );
  });

  it('ends the old secret when it is over', async () => {
    const key = await newKey();
    await act(key, 'rotate', { grace_seconds: 600 });
    await db.query(`update api_key_secrets set expires_at = now() where key_id = $1 and state = 'retiring'`, [
      key.id,
    ]);
    expect(await use(key.key)).toBe(401);
    expect(field(await show(key), 'status')).toBe('active');
  });

  it('never goes past the old key’s own expiry, nor past one that is set later', async () => {
    const soon = new Date(Date.now() + 60_000).toISOString();
    const key = await createKey(db, product, organizationId, ['devices:read'], { expiresAt: soon });
    await act(key, 'rotate', { grace_seconds: 3600 });
    expect(field(await rotation(key), 'retiring', 'expires_at')).toBe(`${soon.slice(0, 19)}Z`);
    const late = await newKey();
    await act(late, 'rotate', { grace_seconds: 3600 });
    await patch(late, { expires_at: soon });
    expect(field(await rotation(late), 'retiring', 'expires_at')).toBe(`${soon.slice(0, 19)}Z`);
  });

  it('is refused while another runs: 409; and beyond 7 days: 400', async () => {
    const key = await newKey();
    expect((await act(key, 'rotate', { grace_seconds: 604_801 })).status).toBe(400);
    await act(key, 'rotate', { grace_seconds: 604_800 });
    expect((await act(key, 'rotate', { grace_seconds: 60 })).status).toBe(409);
    expect((await act(key, 'rotate', { confirm: true })).status).toBe(409);
    expect(await use(key.key)).toBe(200);
  });
});

describe('confirmed rotation', () => {
  it('waits: the old secret’s grace starts with the first use of the new one', async () => {
    const key = await newKey();
    const started = await act(key, 'rotate', { confirm: true, grace_seconds: 600 });
    const fresh = textField(started.body, 'key');
    expect(started.body).toMatchObject({
      status: 'rotating',
      rotation: { pending: { grace_seconds: 600 }, retiring: null },
    });
    expect(await use(key.key)).toBe(200);
    expect(field(await rotation(key), 'retiring')).toBeNull();

    expect(await use(fresh, other.url)).toBe(200);
    const state = await rotation(key);
    expect([field(state, 'pending'), field(state, 'retiring', 'hint')]).toEqual([null, key.hint]);
    expect([await use(key.key), await use(fresh)]).toEqual([200, 200]);
    expect(await actions(key)).toEqual(['api_key.rotation_confirmed', 'api_key.rotation_started']);
  });

  it('is confirmed once by many first uses at the same moment', async () => {
    const key = await newKey();
    const fresh = textField((await act(key, 'rotate', { confirm: true })).body, 'key');
    const uses = Array.from({ length: 20 }, (_, n) => use(fresh, n % 2 ? url : other.url));
    expect(new Set(await Promise.all(uses))).toEqual(new Set([200]));
    expect((await actions(key)).filter((action) => action === 'api_key.rotation_confirmed')).toHaveLength(1);
    expect(await use(key.key)).toBe(200);
  });

  it('is not confirmed by a use that the allowlist stops', async () => {
    const key = await createKey(db, product, organizationId, ['devices:read'], { allowedIps: ['192.0.2.7'] });
    const fresh = textField((await act(key, 'rotate', { confirm: true })).body, 'key');
    expect(await use(fresh)).toBe(403);
    expect(field(await rotation(key), 'pending')).not.toBeNull();
  });

  it('that waits holds off a rotation with a grace, which would cut its own short: 409, and nothing changes', async () => {
    const key = await newKey();
    const fresh = textField((await act(key, 'rotate', { confirm: true, grace_seconds: 86_400 })).body, 'key');
    expect((await act(key, 'rotate', { grace_seconds: 86_400 })).status).toBe(409);
    expect([await use(fresh), await use(key.key)]).toEqual([200, 200]);
  });

  it('may be started again by whoever has lost the secret that waits', async () => {
    const key = await newKey();
    const lost = textField((await act(key, 'rotate', { confirm: true })).body, 'key');
    const fresh = textField((await act(key, 'rotate', { confirm: true })).body, 'key');
    expect([await use(lost), await use(fresh), await use(key.key)]).toEqual([401, 200, 200]);
  });

  it('with no grace at all kills the old secret by that first use', async () => {
    const key = await newKey();
    const fresh = textField((await act(key, 'rotate', { confirm: true, grace_seconds: 0 })).body, 'key');
    expect(await use(fresh)).toBe(200);
    expect(await use(key.key)).toBe(401);
  });
});

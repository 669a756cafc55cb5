import { afterAll, describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { openDatabase } from '#store';
import { call, callAs, field, textField } from '../support/call.ts';
import { type CreatedKey, createKey, createMember, createOrganization } from '../support/fixtures.ts';
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
const use = async (key: string, at = url) => (await callAs(key, `${at}/devices`)).status;
const actions = async (key: { id: string }) => {
  const data = field((await callAs(admin.key, `${url}/audit?target_id=${key.id}`)).body, 'data');
  return (Array.isArray(data) ? data : []).map((entry) => entry.action);
};

describe('pause and resume', () => {
  it('stop a key everywhere, and let it go on, with its status and both in the audit log', async () => {
    const key = await newKey();
    const paused = await act(key, 'pause');
    expect([paused.status, field(paused.body, 'status')]).toEqual([200, 'paused']);
    const refused = await callAs(key.key, `${other.url}/devices`);
    expect([refused.status, field(refused.body, 'error', 'code')]).toEqual([401, 'invalid_api_key']);
    expect(field((await act(key, 'resume')).body, 'status')).toBe('active');
    expect(await use(key.key, other.url)).toBe(200);
    expect(await actions(key)).toEqual(['api_key.resumed', 'api_key.paused']);
  });
});

describe('a revoked key', () => {
  it('is in the audit log as it was shown before and after', async () => {
    const key = await newKey();
    const before = await show(key);
    await callAs(admin.key, `${url}/api-keys/${key.id}`, { method: 'DELETE' });
    const after = await show(key);
    expect(after).toMatchObject({ status: 'revoked' });
    const { body } = await callAs(admin.key, `${url}/audit?target_id=${key.id}`);
    expect(field(body, 'data', 0)).toMatchObject({ action: 'api_key.revoked', before, after });
  });

  it('is listed by its status, and final: 409', async () => {
    const key = await newKey();
    await callAs(admin.key, `${url}/api-keys/${key.id}`, { method: 'DELETE' });
    for (const verb of ['pause', 'resume', 'rotate']) expect((await act(key, verb)).status).toBe(409);
    expect((await patch(key, { name: 'Again' })).status).toBe(409);
    const revoked = field((await callAs(admin.key, `${url}/api-keys?status=revoked`)).body, 'data');
    expect(revoked).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: key.id, status: 'revoked' })]),
    );
    expect(await use(key.key)).toBe(401);
  });
});

describe('expiry and metadata', () => {
  it.each([
    ['30_days', 30],
    ['90_days', 90],
    ['1_year', 365],
  ])('%s from now', async (expires_in, days) => {
    const json = { name: 'K', permissions: ['devices:read'], expires_in };
    const { body } = await callAs(admin.key, `${url}/api-keys`, { method: 'POST', json });
    const left = Date.parse(textField(body, 'expires_at')) - Date.now();
    expect(Math.round(left / 86_400_000)).toBe(days);
    const never = await patch({ id: textField(body, 'id') }, { expires_in: 'never' });
    expect(field(never.body, 'expires_at')).toBeNull();
  });

  it('takes one of both ways to say it', async () => {
    const json = { name: 'K', permissions: ['devices:read'], expires_in: 'never', expires_at: null };
    const { status, body } = await callAs(admin.key, `${url}/api-keys`, { method: 'POST', json });
    expect([status, field(body, 'error', 'details', 0, 'field')]).toEqual([400, 'expires_in']);
  });

  it('keeps metadata', async () => {
    const json = { name: 'K', permissions: ['devices:read'], metadata: { team: 'ops' } };
    const { body } = await callAs(admin.key, `${url}/api-keys`, { method: 'POST', json });
    expect(field(body, 'metadata')).toEqual({ team: 'ops' });
    const changed = await patch({ id: textField(body, 'id') }, { metadata: { team: 'dev' } });
    expect(field(changed.body, 'metadata')).toEqual({ team: 'dev' });
  });
});

describe('last use', () => {
  it('tells time, address and user agent, and never goes back', async () => {
    const key = await newKey();
    const headers = {
      Authorization: `Bearer ${key.key}`,
      'X-Forwarded-For': '192.0.2.9',
      'User-Agent': 'script/1',
    };
    await call(`${url}/devices`, { headers });
    await api.flushKeyUses();
    const shown = await show(key);
    expect(shown).toMatchObject({ last_used_ip: '192.0.2.9', last_used_user_agent: 'script/1' });
    await db.query(`update api_keys set last_used_at = now() + interval '1 hour' where id = $1`, [key.id]);
    const later = field(await show(key), 'last_used_at');
    await use(key.key);
    await api.flushKeyUses();
    expect(field(await show(key), 'last_used_at')).toBe(later);
  });

  it('sorts the list, keys never used first', async () => {
    const { id } = await createOrganization(db, product, { plan: 'custom', windows });
    const owner = await createKey(db, product, id, ['admin']);
    const keys: CreatedKey[] = [];
    for (let n = 0; n < 4; n++) keys.push(await createKey(db, product, id, ['devices:read']));
    for (const at of [2, 0]) {
      await use(keys[at]?.key ?? '');
      await api.flushKeyUses();
    }
    const seen: unknown[] = [];
    let cursor = '';
    do {
      const { body } = await callAs(owner.key, `${url}/api-keys?sort=last_used_at&limit=1${cursor}`);
      seen.push(field(body, 'data', 0, 'id'));
      cursor = field(body, 'next_cursor') === null ? '' : `&cursor=${field(body, 'next_cursor')}`;
    } while (cursor !== '' && seen.length < 10);
    const ids = keys.map((key) => key.id);
    expect(seen.filter((each) => ids.includes(String(each)))).toEqual([ids[1], ids[3], ids[2], ids[0]]);
  });
});

describe('a removed member’s keys', () => {
  it('stay, marked', async () => {
    const maker = await createMember(db, organizationId, 'member');
    const key = await createKey(db, product, organizationId, ['devices:read'], { createdBy: maker.id });
    expect(field(await show(key), 'maker_removed')).toBe(false);
    await callAs(admin.key, `${url}/users/${maker.id}`, { method: 'DELETE' });
    expect(field(await show(key), 'maker_removed')).toBe(true);
  });
});

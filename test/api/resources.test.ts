import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadProduct } from '#catalog';
import { callAs, field, textField } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { url } = await startApi({ db, product });

async function freshKey(): Promise<string> {
  const windows = [{ name: 'minute', limit: 1_000_000, seconds: 60 }];
  const { id } = await createOrganization(db, product, { plan: 'custom', windows });
  return (await createKey(db, product, id, ['admin'])).key;
}

const key = await freshKey();
const create = (json: unknown, as = key) => callAs(as, `${url}/devices`, { method: 'POST', json });

describe('POST, GET, PUT, PATCH, DELETE', () => {
  it('carry a device through its life', async () => {
    const created = await create({ name: 'Laptop', type: 'laptop', metadata: { room: '12' } });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      id: expect.stringMatching(/^dev_[0-9a-z]{26}$/),
      name: 'Laptop',
      type: 'laptop',
      status: 'active',
      metadata: { room: '12' },
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      updated_at: expect.stringMatching(/Z$/),
    });
    const at = `${url}/devices/${textField(created.body, 'id')}`;
    expect((await callAs(key, at)).body).toEqual(created.body);

    const patched = await callAs(key, at, {
      method: 'PATCH',
      json: { type: null, metadata: { floor: '3' } },
    });
    expect(patched.body).toMatchObject({ name: 'Laptop', metadata: { room: '12', floor: '3' } });
    expect(field(patched.body, 'type')).toBeUndefined();

    const replaced = await callAs(key, at, { method: 'PUT', json: { name: 'Desktop', status: 'retired' } });
    expect(replaced.body).toMatchObject({ name: 'Desktop', status: 'retired' });
    expect(field(replaced.body, 'metadata')).toBeUndefined();

    expect((await callAs(key, at, { method: 'DELETE' })).status).toBe(204);
    for (const method of ['GET', 'DELETE']) expect((await callAs(key, at, { method })).status).toBe(404);
    expect((await callAs(key, at, { method: 'PATCH', json: {} })).status).toBe(404);
  });

  it('change nothing when the body is wrong', async () => {
    const created = await create({ name: 'Laptop' });
    const at = `${url}/devices/${textField(created.body, 'id')}`;
    for (const json of [
      { name: null },
      { colour: 'red' },
      { status: 'broken' },
      { id: 'dev_x' },
      { created_at: 'x' },
    ]) {
      expect((await callAs(key, at, { method: 'PATCH', json })).status).toBe(400);
    }
    expect((await callAs(key, at)).body).toEqual(created.body);
  });
});

describe('ETag', () => {
  it('changes with each version, and If-None-Match saves the body', async () => {
    const created = await create({ name: 'Laptop' });
    const at = `${url}/devices/${textField(created.body, 'id')}`;
    const etag = created.headers.get('ETag') ?? '';
    expect((await callAs(key, at)).headers.get('ETag')).toBe(etag);
    const same = await callAs(key, at, { headers: { 'If-None-Match': `W/${etag}, "other"` } });
    expect([same.status, same.body, same.headers.get('ETag')]).toEqual([304, '', etag]);

    const changed = await callAs(key, at, { method: 'PATCH', json: { name: 'Desktop' } });
    expect(changed.headers.get('ETag')).not.toBe(etag);
    expect((await callAs(key, at, { headers: { 'If-None-Match': etag } })).status).toBe(200);
  });

  it('guards PUT, PATCH and DELETE by If-Match', async () => {
    const created = await create({ name: 'Laptop' });
    const at = `${url}/devices/${textField(created.body, 'id')}`;
    const etag = created.headers.get('ETag') ?? '';
    const match = { 'If-Match': etag };
    expect((await callAs(key, at, { method: 'PATCH', json: { name: 'B' }, headers: match })).status).toBe(
      200,
    );
    expect((await callAs(key, at, { method: 'PATCH', json: { name: 'C' }, headers: match })).status).toBe(
      412,
    );
    expect((await callAs(key, at, { method: 'PUT', json: { name: 'C' }, headers: match })).status).toBe(412);
    expect((await callAs(key, at, { method: 'DELETE', headers: match })).status).toBe(412);
    expect(field((await callAs(key, at)).body, 'name')).toBe('B');
    expect((await callAs(key, at, { method: 'DELETE', headers: { 'If-Match': '*' } })).status).toBe(204);
  });

  it('lets one of many writers with the same version win', async () => {
    const created = await create({ name: 'Laptop' });
    const at = `${url}/devices/${textField(created.body, 'id')}`;
    const headers = { 'If-Match': created.headers.get('ETag') ?? '' };
    const writers = Array.from({ length: 20 }, (_, n) =>
      callAs(key, at, { method: 'PATCH', json: { name: `Writer ${n}` }, headers }),
    );
    const statuses = (await Promise.all(writers)).map((answer) => answer.status).sort();
    expect(statuses).toEqual([200, ...Array(19).fill(412)]);
  });
});

describe('lists', () => {
  it('page through everything once, in any order, whatever the page size', async () => {
    const lister = await freshKey();
    const names = ['b', 'a', 'c', 'a', 'b', 'é', 'Z', 'a', '1', '~'];
    for (const [at, name] of names.entries())
      await create({ name, ...(at % 2 && { type: `t${at % 3}` }) }, lister);
    const all = field((await callAs(lister, `${url}/devices?limit=100`)).body, 'data');
    const ids = (Array.isArray(all) ? all : []).map((item) => item.id);
    expect(ids).toHaveLength(names.length);

    const orders = ['created_at', '-created_at', 'updated_at', 'name', '-name', 'type', '-type'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...orders), fc.integer({ min: 1, max: 11 }), async (sort, limit) => {
        const seen: string[] = [];
        let cursor = '';
        do {
          const { body } = await callAs(lister, `${url}/devices?sort=${sort}&limit=${limit}${cursor}`);
          const page = field(body, 'data');
          if (!Array.isArray(page)) throw new Error(`no page: ${JSON.stringify(body)}`);
          seen.push(...page.map((item) => item.id));
          expect(field(body, 'has_more')).toBe(field(body, 'next_cursor') !== null);
          cursor = `&cursor=${field(body, 'next_cursor')}`;
        } while (cursor !== '&cursor=null');
        expect(seen.toSorted()).toEqual(ids.toSorted());
      }),
      { numRuns: 25 },
    );
  });

  it('are newest first, and sorted by a declared field on request', async () => {
    const lister = await freshKey();
    for (const name of ['b', 'a', 'c']) await create({ name }, lister);
    const names = async (query: string) => {
      const data = field((await callAs(lister, `${url}/devices${query}`)).body, 'data');
      return (Array.isArray(data) ? data : []).map((item) => item.name);
    };
    expect(await names('')).toEqual(['c', 'a', 'b']);
    expect(await names('?sort=name')).toEqual(['a', 'b', 'c']);
    expect(await names('?sort=-name')).toEqual(['c', 'b', 'a']);
  });

  it('filter by declared fields, with their types', async () => {
    const lister = await freshKey();
    await create({ name: 'A', type: 'laptop', status: 'retired' }, lister);
    await create({ name: 'B', type: 'laptop' }, lister);
    const count = async (path: string) => {
      const { status, body } = await callAs(lister, url + path);
      const data = field(body, 'data');
      return Array.isArray(data) ? data.length : status;
    };
    expect(await count('/devices?type=laptop')).toBe(2);
    expect(await count('/devices?type=laptop&status=retired')).toBe(1);
    expect(await count('/devices?type=phone')).toBe(0);
    await callAs(lister, `${url}/policies`, { method: 'POST', json: { name: 'P', enabled: false } });
    expect(await count('/policies?enabled=false')).toBe(1);
    expect(await count('/policies?enabled=true')).toBe(0);
    expect(await count('/policies?enabled=maybe')).toBe(400);
  });

  it('refuse a cursor of another order', async () => {
    const lister = await freshKey();
    for (const name of ['a', 'b']) await create({ name }, lister);
    const { body } = await callAs(lister, `${url}/devices?limit=1&sort=name`);
    const cursor = textField(body, 'next_cursor');
    expect((await callAs(lister, `${url}/devices?limit=1&sort=-name&cursor=${cursor}`)).status).toBe(400);
  });

  it('never answer 5xx for a forged cursor', async () => {
    const values = fc.oneof(
      fc.json(),
      fc
        .record({ sort: fc.constant('-created_at'), value: fc.jsonValue(), id: fc.string() })
        .map((x) => JSON.stringify(x)),
    );
    await fc.assert(
      fc.asyncProperty(values, async (text) => {
        const cursor = Buffer.from(text).toString('base64url');
        expect((await callAs(key, `${url}/devices?cursor=${cursor}`)).status).toBeLessThan(500);
      }),
      { numRuns: 200 },
    );
  });
});

describe('test keys', () => {
  it('see and change test data only, live keys live data only', async () => {
    const { id } = await createOrganization(db, product);
    const live = await createKey(db, product, id, ['admin']);
    const test = await createKey(db, product, id, ['admin'], { mode: 'test' });
    const made = await create({ name: 'Sandbox' }, test.key);
    const at = `${url}/devices/${textField(made.body, 'id')}`;
    expect((await callAs(test.key, at)).status).toBe(200);
    expect((await callAs(live.key, at)).status).toBe(404);
    expect((await callAs(live.key, at, { method: 'PATCH', json: { name: 'Mine' } })).status).toBe(404);
    expect(field((await callAs(live.key, `${url}/devices`)).body, 'data')).toEqual([]);
  });
});

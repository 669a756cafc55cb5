import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { callAs, field, textField } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { url } = await startApi({ db, product });
const windows = [{ name: 'minute', limit: 1_000_000, seconds: 60 }];

/** Test keys of these expiries in an organization of their own, and the lists of them. */
async function keysThatExpire(...expiries: (string | null)[]) {
  const { id } = await createOrganization(db, product, { plan: 'custom', windows });
  const admin = await createKey(db, product, id, ['admin']);
  const ids: string[] = [];
  for (const expiresAt of expiries) {
    ids.push((await createKey(db, product, id, ['devices:read'], { mode: 'test', expiresAt })).id);
  }
  const ask = (query: string) => callAs(admin.key, `${url}/api-keys?mode=test&${query}`);
  /** The places of the keys in `expiries`, in the order of a list that is read in pages of one. */
  async function order(query: string): Promise<number[]> {
    const seen: number[] = [];
    let cursor: string | null = '';
    while (cursor !== null && seen.length <= ids.length) {
      const { status, body } = await ask(`limit=1&${query}${cursor && `&cursor=${cursor}`}`);
      expect(status).toBe(200);
      const found = field(body, 'data', 0, 'id');
      if (found !== undefined) seen.push(ids.indexOf(String(found)));
      cursor = field(body, 'next_cursor') === null ? null : textField(body, 'next_cursor');
    }
    return seen;
  }
  return { ids, ask, order };
}

it('goes on behind an expiry in any year', async () => {
  const { order } = await keysThatExpire(
    '2100-01-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
    null,
    '9999-12-31T23:59:59Z',
    '1999-12-31T00:00:00Z',
  );
  expect(await order('sort=expires_at')).toEqual([2, 1, 4, 0, 3]);
  expect(await order('sort=-expires_at')).toEqual([3, 0, 4, 1, 2]);
});

it('takes no cursor of a year that there is not: 400', async () => {
  const { ids, ask } = await keysThatExpire(null);
  for (const value of ['0000-01-01T00:00:00Z', '10000-01-01T00:00:00Z', 'infinity']) {
    const cursor = Buffer.from(JSON.stringify({ sort: 'expires_at', value, id: ids[0] })).toString(
      'base64url',
    );
    expect((await ask(`sort=expires_at&cursor=${cursor}`)).status).toBe(400);
  }
});

describe('a filter by time', () => {
  it.each([
    ['created', 'created_at'],
    ['last_used', 'last_used_at'],
    ['last_rotated', 'rotated_at'],
    ['expires', 'expires_at'],
  ])('by %s (%s): from is the first moment, and to the first one after', async (name, column) => {
    const { ids, order } = await keysThatExpire(null, null, null);
    for (const [at, day] of ['2026-01-01', '2026-01-02', '2026-01-03'].entries()) {
      await db.query(`update api_keys set ${column} = $2 where id = $1`, [ids[at], day]);
    }
    const sort = 'sort=created_at';
    expect(await order(`${sort}&${name}_from=2026-01-02`)).toEqual([1, 2]);
    expect(await order(`${sort}&${name}_from=2026-01-02T00:00:01Z`)).toEqual([2]);
    expect(await order(`${sort}&${name}_to=2026-01-02T00:00:00Z`)).toEqual([0]);
    expect(await order(`${sort}&${name}_from=2026-01-02&${name}_to=2026-01-03`)).toEqual([1]);
  });

  it('leaves out keys that have no such time, and stands beside the others', async () => {
    const { order } = await keysThatExpire(null, '2030-01-01T00:00:00Z', '2040-01-01T00:00:00Z');
    expect(await order('expires_to=2035-01-01')).toEqual([1]);
    expect(await order('expires_from=2000-01-01&status=expired')).toEqual([]);
    expect(await order('last_used_from=2000-01-01')).toEqual([]);
  });

  it.each(['0000-01-01', 'yesterday', '2026-02-30', '2026-01-01T00:00:00'])(
    'is refused as %s',
    async (time) => {
      const { ask } = await keysThatExpire(null);
      expect((await ask(`created_from=${time}`)).status).toBe(400);
    },
  );
});

it('sorts by status, in pages', async () => {
  const { ids, order } = await keysThatExpire('2020-01-01T00:00:00Z', null, null, '2020-01-01T00:00:00Z');
  await db.query('update api_keys set paused_at = now() where id = $1', [ids[1]]);
  expect(await order('sort=status')).toEqual([2, 0, 3, 1]);
  expect(await order('sort=-status')).toEqual([1, 3, 0, 2]);
});

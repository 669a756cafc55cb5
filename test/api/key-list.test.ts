import { expect, it } from '@jest/globals';
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

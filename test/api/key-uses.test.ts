import { EventEmitter, once } from 'node:events';
import { expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import type { Database } from '#store';
import { call, callAs, field } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();

/** Tells when last uses are about to be written, and lets that fail when it is told to. */
const writes = new EventEmitter<{ write: [] }>();
let beforeWrite: Promise<void> | null = null;
const watched: Database = {
  ...db,
  async query(text, values) {
    if (text.includes('set last_used_at')) {
      writes.emit('write');
      await beforeWrite;
    }
    return db.query(text, values);
  },
};
const { url, flushKeyUses } = await startApi({ db: watched, product });
const { id } = await createOrganization(db, product);
const admin = await createKey(db, product, id, ['admin']);
const use = (key: string, agent: string) =>
  call(`${url}/devices`, { headers: { Authorization: `Bearer ${key}`, 'User-Agent': agent } });

it('last uses are written as often as request records', async () => {
  const { key } = await createKey(db, product, id, ['devices:read']);
  const times: number[] = [];
  for (let n = 0; n < 3; n++) {
    const written = once(writes, 'write');
    await use(key, 'script/1');
    await written;
    times.push(performance.now());
  }
  // Each 200 ms; four times that, for a machine that is busy.
  const [first = 0, , last = 0] = times;
  expect((last - first) / 2).toBeLessThan(800);
});

it('a use that came while an older one could not be written is the last', async () => {
  const { key, id: keyId } = await createKey(db, product, id, ['devices:read']);
  await flushKeyUses();
  const failing = Promise.withResolvers<void>();
  beforeWrite = failing.promise;
  const begun = once(writes, 'write');
  await use(key, 'older/1');
  await begun;
  await use(key, 'newer/1');
  beforeWrite = null;
  failing.reject(new Error('PostgreSQL is away'));
  await flushKeyUses();
  const { body } = await callAs(admin.key, `${url}/api-keys/${keyId}`);
  expect(field(body, 'last_used_user_agent')).toBe('newer/1');
});

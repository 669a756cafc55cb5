import { expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { call, callAs } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { startWorkerProcess } from '../support/start-worker.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { url } = await startApi({ db, product });
const { id } = await createOrganization(db, product);

it('a reported key is stopped by the worker, also when none ran at the time of the report', async () => {
  const keys = [
    await createKey(db, product, id, ['devices:read']),
    await createKey(db, product, id, ['devices:read']),
  ];
  const report = (key: string) =>
    call(`${url}/leaked-keys`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ key }),
    });
  const stopped =
    (key = '') =>
    async () =>
      (await callAs(key, `${url}/auth/verify`)).status === 401;
  expect((await report(keys[0]?.key ?? '')).status).toBe(202);
  expect(await stopped(keys[0]?.key)()).toBe(false);
  const worker = await startWorkerProcess({ DATABASE_URL: db.url });
  await until(stopped(keys[0]?.key));
  expect((await report(keys[1]?.key ?? '')).status).toBe(202);
  await until(stopped(keys[1]?.key));
  await worker.end('SIGTERM');
  for (const { key } of keys) expect(worker.log()).not.toContain(key);
});

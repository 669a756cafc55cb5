import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { mintApiKey } from '#crypto';
import { stopLeakedKey } from '../../apps/worker/src/leaks/stop-leaked-key.ts';
import { call, callAs, field } from '../support/call.ts';
import { createKey, createMember, createOrganization } from '../support/fixtures.ts';
import { queuedLeakReports, workLeakReports } from '../support/leak-reports.ts';
import { queuedMail } from '../support/queued-mail.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { url, origin } = await startApi({ db, product, trustedProxies: ['127.0.0.1'] });
const { id: organizationId } = await createOrganization(db, product, { plan: 'enterprise' });
const admin = await createKey(db, product, organizationId, ['admin']);

let reporters = 0;
/** Each report from another address, as the limit by address has a test of its own. */
const send = (json: unknown, from = `198.51.100.${++reporters}`, more: Record<string, string> = {}) =>
  call(`${url}/leaked-keys`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': from, ...more },
    body: JSON.stringify(json),
  });
/** The same, and what the worker does about it. */
const report = async (...about: Parameters<typeof send>) => {
  const answer = await send(...about);
  await workLeakReports(db);
  return answer;
};
const statusOf = async (id: string) =>
  field((await callAs(admin.key, `${url}/api-keys/${id}`)).body, 'status');

describe('a key that somebody reports', () => {
  it('is paused, with where it was found in the audit log, and once however often it is reported', async () => {
    const key = await createKey(db, product, organizationId, ['devices:read']);
    const answer = await report({ key: key.key, url: `https://example.com/paste/1?token=${key.key}` });
    expect([answer.status, answer.body]).toEqual([202, { status: 'received' }]);
    expect((await callAs(key.key, `${url}/devices`)).status).toBe(401);
    await report({ key: key.key });
    expect(await statusOf(key.id)).toBe('paused');
    const { body } = await callAs(admin.key, `${url}/audit?target_id=${key.id}`);
    expect(field(body, 'data')).toEqual([
      expect.objectContaining({
        action: 'api_key.leaked',
        actor: { type: 'reporter', id: null },
        after: { status: 'paused', found_at: 'https://example.com/paste/1?token=…' },
      }),
    ]);
    expect(JSON.stringify(body)).not.toContain(key.key);
  });

  it('is paused and told of once when it has expired, too', async () => {
    const key = await createKey(db, product, organizationId, ['devices:read'], {
      expiresAt: '2020-01-01T00:00:00Z',
    });
    for (let n = 0; n < 3; n++) await report({ key: key.key });
    const { body } = await callAs(admin.key, `${url}/audit?target_id=${key.id}`);
    expect(field(body, 'data')).toHaveLength(1);
    const events = await db.query(`select id from events where data ->> 'key_id' = $1`, [key.id]);
    expect(events).toHaveLength(1);
  });

  it('is revoked where the organization wants it so, also by a secret that retires', async () => {
    const { id } = await createOrganization(db, product);
    const owner = await createKey(db, product, id, ['admin']);
    await callAs(owner.key, `${url}/organization`, { method: 'PATCH', json: { leaked_keys: 'revoke' } });
    const key = await createKey(db, product, id, ['devices:read']);
    await callAs(owner.key, `${url}/api-keys/${key.id}/rotate`, {
      method: 'POST',
      json: { grace_seconds: 600 },
    });
    await report({ key: key.key });
    const { body } = await callAs(owner.key, `${url}/api-keys/${key.id}`);
    expect(field(body, 'status')).toBe('revoked');
  });
});

describe('a former secret that somebody reports', () => {
  it('stops nothing once it opens nothing: the key has another secret', async () => {
    const key = await createKey(db, product, organizationId, ['devices:read']);
    await callAs(admin.key, `${url}/api-keys/${key.id}/rotate`, { method: 'POST', json: {} });
    expect((await report({ key: key.key })).status).toBe(202);
    expect(await statusOf(key.id)).toBe('active');
  });
});

describe('who is told', () => {
  const ofKey = async (keyId: string) => ({
    events: await db.query(
      `select organization_id, mode, type, data from events where data ->> 'key_id' = $1`,
      [keyId],
    ),
    mails: (await queuedMail(db))
      .filter(({ data }) => data.event.data.key_id === keyId)
      .map(({ data }) => data),
  });

  it('are the maker, the owners and the admins, once each, and webhooks by an event, without the key', async () => {
    const { id } = await createOrganization(db, product);
    const [owner, admin, maker] = [
      await createMember(db, id, 'owner'),
      await createMember(db, id, 'admin'),
      await createMember(db, id, 'member'),
      await createMember(db, id, 'member'),
    ];
    const key = await createKey(db, product, id, ['devices:read'], { createdBy: maker.id, mode: 'test' });
    const ofOwner = await createKey(db, product, id, ['devices:read'], { createdBy: owner.id });
    for (const each of [key, key, ofOwner])
      await report({ key: each.key, url: 'https://example.com/paste/2' });

    const { events, mails } = await ofKey(key.id);
    const event = {
      type: 'api_key.leaked',
      data: {
        key_id: key.id,
        name: 'Test',
        hint: key.hint,
        outcome: 'paused',
        found_at: 'https://example.com/paste/2',
      },
    };
    expect(events).toEqual([{ organization_id: id, mode: 'test', ...event }]);
    const emails = [owner, admin, maker].map(({ email }) => email);
    expect(mails.map(({ to }) => to).toSorted()).toEqual(emails.toSorted());
    expect(mails[0]).toEqual({ to: expect.any(String), organizationName: 'Example', event });
    expect(JSON.stringify([events, mails])).not.toContain(key.key);
    expect((await ofKey(ofOwner.id)).mails).toHaveLength(2);
  });

  it('is nobody, and nothing else has happened either, when one part fails', async () => {
    const key = await createKey(db, product, organizationId, ['devices:read']);
    await createMember(db, organizationId, 'owner');
    await send({ key: key.key });
    const [queued] = await queuedLeakReports(db);
    await db.query('alter table pgboss.queue rename to away');
    expect((await send({ key: key.key })).status).toBe(500);
    await expect(stopLeakedKey(db, queued)).rejects.toThrow();
    await db.query('alter table pgboss.away rename to queue');
    expect(await ofKey(key.id)).toEqual({ events: [], mails: [] });
    expect(await db.query('select id from audit_entries where target_id = $1', [key.id])).toEqual([]);
    expect(await statusOf(key.id)).toBe('active');
    expect(await stopLeakedKey(db, queued)).toBe('paused');
    expect(await stopLeakedKey(db, queued)).toBeNull();
    expect((await ofKey(key.id)).events).toHaveLength(1);
    await workLeakReports(db);
  });
});

describe('the answer', () => {
  it('is the same whether there is such a key or not', async () => {
    const key = await createKey(db, product, organizationId, ['devices:read']);
    const answers = [
      await report({ key: key.key }),
      await report({ key: mintApiKey(product.keys.prefixes.live).key }),
      await report({ key: 'vw_live_nonsense' }),
      await report({ key: 'anything' }),
    ];
    const seen = answers.map(({ status, headers, body }) => [status, body, [...headers.keys()].toSorted()]);
    for (const each of seen) expect(each).toEqual(seen[0]);
  });

  it('comes before anybody has looked whether there is such a key, from a queue that does not hold it', async () => {
    const key = await createKey(db, product, organizationId, ['devices:read']);
    const url = `https://example.com/?${key.key}`;
    await db.transaction(async (tx) => {
      await tx.query('lock table api_keys, api_key_secrets in access exclusive mode');
      expect((await send({ key: `\n ${key.key} \r\n`, url })).status).toBe(202);
      expect((await send({ key: mintApiKey(product.keys.prefixes.live).key })).status).toBe(202);
    });
    const queued = await queuedLeakReports(db);
    expect(queued).toHaveLength(2);
    expect(JSON.stringify(queued)).not.toContain(key.key);
    await workLeakReports(db);
    expect(await statusOf(key.id)).toBe('paused');
  });

  it('is 400 for what is no report, 405 for another method, and 429 for too many', async () => {
    expect((await report({})).status).toBe(400);
    expect((await report({ key: 'x', url: 'javascript:alert(1)' })).status).toBe(400);
    expect((await report({ key: 'x', more: 1 })).status).toBe(400);
    expect((await call(`${url}/leaked-keys`)).status).toBe(405);
    const limit = product.anonymousWindows[0]?.limit ?? 0;
    for (let n = 0; n < limit; n++) expect((await send({ key: 'x' }, '192.0.2.1')).status).toBe(202);
    expect((await report({ key: 'x' }, '192.0.2.1')).status).toBe(429);
  });
});

describe('an idempotency key', () => {
  it('is nobody’s without a caller: each report is taken, whatever the header says', async () => {
    for (const idempotencyKey of ['same', 'same', 'no good key']) {
      const key = await createKey(db, product, organizationId, ['devices:read']);
      const more = { 'Idempotency-Key': idempotencyKey };
      const answer = await report({ key: key.key }, undefined, more);
      expect([answer.status, answer.headers.get('Idempotency-Replayed')]).toEqual([202, null]);
      expect(await statusOf(key.id)).toBe('paused');
    }
  });
});

describe('/.well-known/secret-scanning.json', () => {
  it('has a pattern that finds keys in a text, and where to report them', async () => {
    const { status, body } = await call(`${origin}/.well-known/secret-scanning.json`);
    expect(status).toBe(200);
    for (const [at, mode] of (['live', 'test'] as const).entries()) {
      const { key } = mintApiKey(product.keys.prefixes[mode]);
      const pattern = new RegExp(String(field(body, 'patterns', at, 'regex')), 'g');
      expect(`API_KEY="${key}" # prod`.match(pattern)).toEqual([key]);
      expect('vw_live_short and more'.match(pattern)).toBeNull();
    }
    expect(field(body, 'report', 'url')).toBe(`${url}/leaked-keys`);
  });
});

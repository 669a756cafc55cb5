import { describe, expect, it } from '@jest/globals';
import { loadProduct, type Role } from '#catalog';
import { deleteMember, insertMember, revokeApiKey, setApiKeyPaused, updateApiKey } from '#store';
import { sendExpiryNotices } from '../../apps/worker/src/send-expiry-notices.ts';
import { createKey, createMember, createOrganization } from '../support/fixtures.ts';
import { queuedMail } from '../support/queued-mail.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();

const dayMs = 86_400_000;
const start = Date.now();
/** A time so many days from when the keys are made. */
const day = (days: number) => new Date(start + days * dayMs).toISOString();
const run = (days: number) => sendExpiryNotices(db, { now: day(days) });

async function organization(...roles: Role[]) {
  const { id } = await createOrganization(db, product);
  const members = await Promise.all(roles.map((role) => createMember(db, id, role)));
  return { id, emails: members.map(({ email }) => email).toSorted(), members };
}

const makeKey = (organizationId: string, days: number, createdBy: string | null = null) =>
  createKey(db, product, organizationId, ['devices:read'], { expiresAt: day(days), createdBy });

const eventsOf = async (keyId: string) => {
  const rows = await db.query<{
    type: string;
    mode: string;
    data: { days_left: number; expires_at: string };
  }>(`select type, mode, data from events where data ->> 'key_id' = $1 order by id`, [keyId]);
  return rows;
};
const daysLeft = async (keyId: string) => (await eventsOf(keyId)).map(({ data }) => data.days_left);
const told = async (keyId: string) =>
  (await queuedMail(db)).filter(({ data }) => data.event.data.key_id === keyId).map(({ data }) => data.to);

describe('a notice', () => {
  it('comes 14, 3 and 1 days before the expiry, once each, however often and by how many workers it is looked for', async () => {
    const { id, emails } = await organization('owner');
    const key = await makeKey(id, 30);
    const days = [0, 15.9, 16.1, 16.1, 20, 26.9, 27.1, 27.1, 28.9, 29.1, 29.1, 30.1];
    for (const at of days) await Promise.all([run(at), run(at), run(at)]);
    expect(await daysLeft(key.id)).toEqual([14, 3, 1]);
    expect(await told(key.id)).toEqual([...emails, ...emails, ...emails]);
    expect((await eventsOf(key.id))[0]).toEqual({
      type: 'api_key.expiring',
      mode: 'live',
      data: {
        key_id: key.id,
        name: 'Test',
        hint: key.hint,
        expires_at: key.expiresAt,
        days_left: 14,
      },
    });
  });

  it('of a key that is first looked at late is the one of the innermost window', async () => {
    const { id } = await organization('owner');
    const key = await makeKey(id, 30);
    for (const at of [27.5, 27.6, 29.5]) await run(at);
    expect(await daysLeft(key.id)).toEqual([3, 1]);
  });

  it('is not of a window as long as the life that a key was given, or longer', async () => {
    const { id } = await organization('owner');
    const [oneDay, tenDays, rotated] = [await makeKey(id, 1), await makeKey(id, 10), await makeKey(id, 30)];
    await db.query('update api_keys set rotated_at = $2 where id = $1', [rotated.id, day(20)]);
    for (const at of [0.01, 0.5, 0.99, 7.1, 9.1, 20.1, 27.1, 29.1]) await run(at);
    expect([await daysLeft(oneDay.id), await daysLeft(tenDays.id)]).toEqual([[], [3, 1]]);
    expect(await daysLeft(rotated.id)).toEqual([3, 1]);
  });

  it('begins anew with another expiry', async () => {
    const { id } = await organization('owner');
    const key = await makeKey(id, 30);
    await run(16.1);
    const { expiresAt } = await db.transaction((tx) => updateApiKey(tx, key, { ...key, expiresAt: day(40) }));
    for (const at of [16.2, 26.1, 26.2, 37.1]) await run(at);
    expect((await eventsOf(key.id)).map(({ data }) => [data.days_left, data.expires_at])).toEqual([
      [14, key.expiresAt],
      [14, expiresAt],
      [3, expiresAt],
    ]);
  });

  it('is of test keys too, and not of keys that are revoked, paused, stopped with their maker or its client, expired or endless', async () => {
    const { id, members } = await organization('owner', 'member');
    const maker = members[1]?.id ?? '';
    const [revoked, paused, expired] = [await makeKey(id, 30), await makeKey(id, 30), await makeKey(id, 10)];
    const stopped = await makeKey(id, 30, maker);
    const endless = await createKey(db, product, id, ['devices:read']);
    const test = await createKey(db, product, id, ['devices:read'], { mode: 'test', expiresAt: day(30) });
    await revokeApiKey(db, revoked);
    const orphan = await makeKey(id, 30);
    await db.query(`update api_keys set client_id = 'client_gone' where id = $1`, [orphan.id]);
    await setApiKeyPaused(db, paused, true);
    await deleteMember(db, id, maker);
    await db.query(`update organizations set removed_member_keys = 'stop' where id = $1`, [id]);
    await run(16.1);
    for (const { id: keyId } of [revoked, paused, stopped, orphan, expired, endless])
      expect(await daysLeft(keyId)).toEqual([]);
    expect((await eventsOf(test.id)).map(({ mode, data }) => [mode, data.days_left])).toEqual([['test', 14]]);

    await setApiKeyPaused(db, paused, false);
    await insertMember(db, { organizationId: id, userId: maker, role: 'member', name: 'Back' });
    await run(16.2);
    expect([await daysLeft(paused.id), await daysLeft(stopped.id)]).toEqual([[14], [14]]);
  });

  it('goes to the maker alone while that is a member, then to the owners and admins', async () => {
    const { id, members } = await organization('owner', 'owner', 'admin', 'member', 'viewer');
    const maker = members[3];
    const key = await makeKey(id, 30, maker?.id ?? '');
    await run(16.1);
    expect(await told(key.id)).toEqual([maker?.email]);
    await deleteMember(db, id, maker?.id ?? '');
    await run(27.1);
    const leaders = members.slice(0, 3).map(({ email }) => email);
    expect((await told(key.id)).toSorted()).toEqual([maker?.email ?? '', ...leaders].toSorted());
  });

  it('is an event too where there is nobody to write to', async () => {
    const { id } = await organization();
    const key = await makeKey(id, 30);
    await run(16.1);
    expect([await daysLeft(key.id), await told(key.id)]).toEqual([[14], []]);
  });

  it('of more keys than one batch are all sent once, with two workers at once', async () => {
    const { id, emails } = await organization('owner');
    await db.query(
      `insert into api_keys (id, organization_id, mode, name, scopes, expires_at)
       select 'key_many' || n, $1, 'live', 'Many', '{}', $2::timestamptz + n % 3 * interval '1 second'
       from generate_series(1, 1100) n`,
      [id, day(30)],
    );
    const counts = await Promise.all([run(16.5), run(16.5)]);
    expect(counts.reduce((sum, { notices }) => sum + notices, 0)).toBe(1_100);
    const mails = (await queuedMail(db)).filter(({ data }) => data.event.data.name === 'Many');
    expect(new Set(mails.map(({ data }) => data.event.data.key_id)).size).toBe(1_100);
    expect([mails.length, new Set(mails.map(({ data }) => data.to))]).toEqual([1_100, new Set(emails)]);
  });
});

describe('event, messages and the note that they were sent', () => {
  it('stand together or not at all', async () => {
    const { id } = await organization('owner');
    const key = await makeKey(id, 30);
    await db.query('alter table pgboss.queue rename to away');
    await expect(run(16.1)).rejects.toThrow();
    await db.query('alter table pgboss.away rename to queue');
    expect([await daysLeft(key.id), await told(key.id)]).toEqual([[], []]);
    await run(16.1);
    expect([await daysLeft(key.id), (await told(key.id)).length]).toEqual([[14], 1]);
  });

  it('are whole for each key, and go on with the next run, when the worker is stopped between two keys', async () => {
    const { id } = await organization('owner');
    for (let n = 0; n < 3; n++) await makeKey(id, 30);
    const stopping = new AbortController();
    const stopAfterOne: typeof db = {
      ...db,
      transaction: (work) => db.transaction(work).finally(() => stopping.abort()),
    };
    const stopped = await sendExpiryNotices(stopAfterOne, { now: day(16.1), signal: stopping.signal });
    expect([stopped, await run(16.1)]).toEqual([{ notices: 1 }, { notices: 2 }]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { deleteEndedInvitations } from '#store';
import { entriesOf } from '../support/audit.ts';
import { callAs, field, textField } from '../support/call.ts';
import { createKey, createMember, createOrganization } from '../support/fixtures.ts';
import { queuedMail } from '../support/queued-mail.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { url } = await startApi({ db, product, authUrl: 'https://auth.example.com' });

async function setting() {
  const { id } = await createOrganization(db, product, { plan: 'enterprise' });
  const owner = await createMember(db, id, 'owner');
  const admin = await createKey(db, product, id, ['admin']);
  const manager = await createKey(db, product, id, product.presets['read-write'] ?? [], {
    createdBy: owner.id,
  });
  const post = (json: unknown, key = manager.key) =>
    callAs(key, `${url}/invitations`, { method: 'POST', json });
  return { id, owner, admin: admin.key, manager: manager.key, post };
}

let made = 0;
const address = () => `guest${made++}@example.com`;
const mailTo = async (email: string) => (await queuedMail(db)).filter((mail) => mail.data.to === email);

describe('an invitation', () => {
  it('is made, listed, shown, sent again and withdrawn, with a mail each time it is sent', async () => {
    const { id, manager, post } = await setting();
    const email = address();
    const created = await post({ email, role: 'member' });
    expect([created.status, created.body]).toMatchObject([201, { email, role: 'member' }]);
    const days = (Date.parse(textField(created.body, 'expires_at')) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.9);
    expect(days).toBeLessThanOrEqual(7);
    const at = `${url}/invitations/${textField(created.body, 'id')}`;
    expect((await callAs(manager, at)).body).toEqual(created.body);
    expect(field((await callAs(manager, `${url}/invitations`)).body, 'data')).toEqual([created.body]);
    expect((await callAs(manager, `${at}/resend`, { method: 'POST' })).status).toBe(200);
    expect(await mailTo(email)).toMatchObject(
      [1, 2].map(() => ({ data: { about: { kind: 'invitation', data: { role: 'member', days: 7 } } } })),
    );
    expect((await callAs(manager, at, { method: 'DELETE' })).status).toBe(204);
    expect((await callAs(manager, at)).status).toBe(404);
    expect((await entriesOf(db, id)).map(({ action }) => action)).toEqual([
      'invitation.created',
      'invitation.resent',
      'invitation.withdrawn',
    ]);
  });

  it('answers the same for an address with an account and one without, and shows no link', async () => {
    const { post } = await setting();
    const other = await setting();
    const answers = [await post({ email: other.owner.email }), await post({ email: address() })];
    const [known, unknown] = answers.map(({ status, body }) => ({ status, keys: Object.keys(Object(body)) }));
    expect(known).toEqual(unknown);
    expect(known?.keys).toEqual(['id', 'email', 'role', 'expires_at', 'created_at', 'updated_at']);
    const rows = await db.query('select t.hash, t.data from account_tokens t');
    expect(JSON.stringify(await queuedMail(db))).not.toContain('/invitation?');
    expect(rows.length).toBeGreaterThan(0);
  });

  it('is one for an address at a time, and none for a member: 409', async () => {
    const { owner, post } = await setting();
    const email = address();
    expect((await post({ email })).status).toBe(201);
    expect((await post({ email: email.toUpperCase() })).status).toBe(409);
    expect((await post({ email: owner.email })).status).toBe(409);
    await db.query(`update invitations set expires_at = now() - interval '1 minute' where email = $1`, [
      email,
    ]);
    expect((await post({ email })).status).toBe(201);
  });

  it('of many at once is one', async () => {
    const { post } = await setting();
    const email = address();
    const answers = await Promise.all([1, 2, 3].map(() => post({ email })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(await mailTo(email)).toHaveLength(1);
  });

  it('gives no role that the caller does not hold: 403, and takes none back', async () => {
    const { admin, manager, post } = await setting();
    const email = address();
    const refused = await post({ email, role: 'owner' });
    expect([refused.status, field(refused.body, 'error', 'code')]).toEqual([403, 'insufficient_permissions']);
    expect(await mailTo(email)).toEqual([]);
    const { body } = await post({ email, role: 'admin' }, admin);
    const at = `${url}/invitations/${textField(body, 'id')}`;
    expect((await callAs(manager, at, { method: 'DELETE' })).status).toBe(403);
    expect((await callAs(manager, `${at}/resend`, { method: 'POST' })).status).toBe(403);
  });

  it('is refused for what is no address, and by a test key', async () => {
    const { id, post } = await setting();
    for (const email of ['nobody', '', `${'a'.repeat(250)}@example.com`, 'a\0@example.com']) {
      expect((await post({ email })).status).toBe(400);
    }
    const { key } = await createKey(db, product, id, ['admin'], { mode: 'test' });
    const answer = await post({ email: address() }, key);
    expect([answer.status, field(answer.body, 'error', 'code')]).toEqual([403, 'live_mode_required']);
  });

  it('is mailed a hundred times a day by an organization: then 429', async () => {
    const { id, post } = await setting();
    const { body } = await post({ email: address() });
    await db.query(
      `insert into account_tokens (id, purpose, email, hash, data, expires_at)
       select 'acctok_' || n, 'invitation', 'x@example.com', decode(md5($1 || n), 'hex'),
         jsonb_build_object('organizationId', $1::text), now() + interval '1 day' from generate_series(1, 99) n`,
      [id],
    );
    const email = address();
    const answer = await post({ email });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '3600']);
    expect(textField(body, 'id')).toMatch(/^inv_/);
    expect(await mailTo(email)).toEqual([]);
  });
});

describe('the mails to one address', () => {
  const add = (key: string, email: string) =>
    callAs(key, `${url}/users`, { method: 'POST', json: { email } });

  it('are three in 15 minutes, whoever sends them: then 429, and nothing is changed', async () => {
    const email = address();
    const { admin, post } = await setting();
    const created = await post({ email });
    const at = `${url}/invitations/${textField(created.body, 'id')}`;
    expect((await callAs(admin, at, { method: 'DELETE' })).status).toBe(204);
    const added = await add(admin, email);
    const member = `${url}/users/${textField(added.body, 'id')}`;
    expect((await callAs(admin, member, { method: 'DELETE' })).status).toBe(204);
    const other = await setting();
    expect((await add(other.manager, email.toUpperCase())).status).toBe(201);
    for (const refused of [await add(admin, email), await post({ email })]) {
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '900']);
    }
    expect((await callAs(admin, member)).status).toBe(404);
    expect(field((await callAs(admin, `${url}/invitations`)).body, 'data')).toEqual([]);
    expect(await mailTo(email)).toHaveLength(3);
    await db.query(`update account_tokens set created_at = now() - interval '16 minutes' where email = $1`, [
      email,
    ]);
    expect((await add(admin, email)).status).toBe(201);
  });
});

describe('the mails of an organization', () => {
  it('to members who are added count with its invitations, also many at once', async () => {
    const { id, admin } = await setting();
    await db.query(
      `insert into account_tokens (id, purpose, email, hash, data, expires_at)
       select 'acctok_m' || n, 'invitation', 'x@example.com', decode(md5('m' || $1 || n), 'hex'),
         jsonb_build_object('organizationId', $1::text), now() + interval '1 day' from generate_series(1, 98) n`,
      [id],
    );
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        callAs(admin, `${url}/users`, { method: 'POST', json: { email: address() } }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 429, 429, 429, 429]);
  });
});

describe('an invitation that has expired', () => {
  it('is deleted after a month', async () => {
    const { manager, post } = await setting();
    const ids = [];
    for (const days of [1, 31]) {
      const { body } = await post({ email: address() });
      ids.push(textField(body, 'id'));
      await db.query(
        "update invitations i set expires_at = now() - $2::integer * interval '1 day' where i.id = $1",
        [ids.at(-1), days],
      );
    }
    expect(await deleteEndedInvitations(db, 10)).toBe(1);
    const list = await callAs(manager, `${url}/invitations`);
    expect(field(list.body, 'data')).toMatchObject([{ id: ids[0] }]);
  });
});

describe('a member who is added', () => {
  it('is asked by a mail with a link', async () => {
    const { manager } = await setting();
    const email = address();
    const json = { email, role: 'viewer' };
    expect((await callAs(manager, `${url}/users`, { method: 'POST', json })).status).toBe(201);
    expect(await mailTo(email)).toMatchObject([
      { data: { language: 'en', about: { kind: 'invitation', data: { role: 'viewer', days: 7 } } } },
    ]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { loadProduct, type Role } from '#catalog';
import { deleteMember, findMember } from '#store';
import { callAs, field, textField } from '../support/call.ts';
import { createKey, createMember, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { url } = await startApi({ db, product, authUrl: 'https://auth.example.com' });

let made = 0;
const address = () => `somebody${made++}@example.com`;

/** An organization with its founder, and what a key of somebody in it is answered. */
async function setting() {
  const { id } = await createOrganization(db, product, { plan: 'enterprise' });
  const founder = await createMember(db, id, 'owner');
  const keyOf = async (createdBy: string | null, scopes: readonly string[] = ['admin']) =>
    (await createKey(db, product, id, scopes, { createdBy })).key;
  const personWithKey = async (role: Role) => {
    const person = await createMember(db, id, role);
    return { person, key: await keyOf(person.id) };
  };
  const roleOf = async (userId: string) => (await findMember(db, id, userId))?.role ?? null;
  return { id, founder, keyOf, personWithKey, roleOf };
}

const add = (key: string, role: Role) =>
  callAs(key, `${url}/users`, { method: 'POST', json: { email: address(), role } });
const invite = (key: string, role: Role) =>
  callAs(key, `${url}/invitations`, { method: 'POST', json: { email: address(), role } });
const change = (key: string, userId: string, role: Role) =>
  callAs(key, `${url}/users/${userId}`, { method: 'PATCH', json: { role } });
const remove = (key: string, userId: string) => callAs(key, `${url}/users/${userId}`, { method: 'DELETE' });
const refused = [403, 'insufficient_permissions'];
const reason = ({ status, body }: { status: number; body: unknown }) => [
  status,
  field(body, 'error', 'code'),
];

describe('a key of an administrator', () => {
  it('makes no owner, not even of its maker, and takes none away', async () => {
    const { founder, personWithKey, roleOf } = await setting();
    const { person, key } = await personWithKey('admin');
    for (const answer of [
      await change(key, person.id, 'owner'),
      await change(key, founder.id, 'viewer'),
      await remove(key, founder.id),
      await add(key, 'owner'),
      await invite(key, 'owner'),
    ]) {
      expect(reason(answer)).toEqual(refused);
    }
    expect([await roleOf(person.id), await roleOf(founder.id)]).toEqual(['admin', 'owner']);
  });

  it('gives and takes the roles up to its maker’s', async () => {
    const { personWithKey } = await setting();
    const { key } = await personWithKey('admin');
    expect((await invite(key, 'admin')).status).toBe(201);
    const { status, body } = await add(key, 'admin');
    expect(status).toBe(201);
    const id = textField(body, 'id');
    expect((await change(key, id, 'member')).status).toBe(200);
    expect((await remove(key, id)).status).toBe(204);
  });

  it('makes no owner once its maker is gone', async () => {
    const { id, personWithKey } = await setting();
    const { person, key } = await personWithKey('admin');
    await deleteMember(db, id, person.id);
    expect(reason(await add(key, 'owner'))).toEqual(refused);
    expect((await add(key, 'admin')).status).toBe(201);
  });

  it('makes no other key that could', async () => {
    const { personWithKey } = await setting();
    const { key } = await personWithKey('admin');
    const json = { name: 'Another', permissions: ['admin'] };
    const other = await callAs(key, `${url}/api-keys`, { method: 'POST', json });
    expect(reason(await add(textField(other.body, 'key'), 'owner'))).toEqual(refused);
  });
});

it('owners by their keys, and the operator’s key, make owners', async () => {
  const { keyOf, personWithKey } = await setting();
  for (const key of [(await personWithKey('owner')).key, await keyOf(null)]) {
    expect((await add(key, 'owner')).status).toBe(201);
    expect((await invite(key, 'owner')).status).toBe(201);
  }
});

describe('users:write alone', () => {
  it('adds people who look, as the document has it, and none who can do more than it', async () => {
    const { keyOf } = await setting();
    const key = await keyOf(null, ['users:write']);
    const byDefault = { method: 'POST', json: { email: address() } };
    expect((await callAs(key, `${url}/users`, byDefault)).body).toMatchObject({ role: 'viewer' });
    expect((await add(key, 'viewer')).status).toBe(201);
    expect((await invite(key, 'viewer')).status).toBe(201);
    for (const role of ['member', 'admin', 'owner'] as const) {
      expect(reason(await add(key, role))).toEqual(refused);
      expect(reason(await invite(key, role))).toEqual(refused);
    }
  });

  it('renames anybody, and lifts or lowers nobody', async () => {
    const { personWithKey, keyOf } = await setting();
    const key = await keyOf(null, ['users:write']);
    const [viewer, member] = [await personWithKey('viewer'), await personWithKey('member')];
    const at = `${url}/users/${member.person.id}`;
    const replaced = await callAs(key, at, { method: 'PUT', json: { name: 'New', role: 'member' } });
    expect([replaced.status, field(replaced.body, 'name')]).toEqual([200, 'New']);
    expect((await callAs(key, at, { method: 'PATCH', json: { name: 'Newer' } })).status).toBe(200);
    expect(reason(await change(key, viewer.person.id, 'member'))).toEqual(refused);
    expect(reason(await change(key, member.person.id, 'viewer'))).toEqual(refused);
  });

  it('with all that a member may do makes members', async () => {
    const { keyOf } = await setting();
    const key = await keyOf(null, product.presets['read-write'] ?? []);
    const { status, body } = await add(key, 'member');
    expect(status).toBe(201);
    expect((await change(key, textField(body, 'id'), 'viewer')).status).toBe(200);
  });
});

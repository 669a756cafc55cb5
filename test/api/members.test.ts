import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { callAs, field, textField } from '../support/call.ts';
import { createKey, createMember, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { url } = await startApi({ db, product });

async function organizationWithOwner() {
  const { id } = await createOrganization(db, product, { plan: 'enterprise' });
  const owner = await createMember(db, id, 'owner');
  const admin = await createKey(db, product, id, ['admin']);
  const manager = await createKey(db, product, id, product.presets['read-write'] ?? []);
  return { id, owner, admin: admin.key, manager: manager.key };
}

describe('members', () => {
  it('are the organization’s real ones', async () => {
    const { owner, manager } = await organizationWithOwner();
    const { body } = await callAs(manager, `${url}/users`);
    expect(field(body, 'data')).toMatchObject([{ id: owner.id, email: owner.email, role: 'owner' }]);
  });

  it('are added, changed and removed', async () => {
    const { manager, admin } = await organizationWithOwner();
    const json = { email: 'new@example.com', name: 'New', role: 'member' };
    const added = await callAs(manager, `${url}/users`, { method: 'POST', json });
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject(json);
    const at = `${url}/users/${textField(added.body, 'id')}`;
    expect((await callAs(manager, at, { method: 'PATCH', json: { role: 'viewer' } })).body).toMatchObject({
      role: 'viewer',
    });
    const replaced = await callAs(manager, at, { method: 'PUT', json: { name: 'Other', role: 'member' } });
    expect(replaced.body).toMatchObject({ name: 'Other', role: 'member', email: json.email });
    expect((await callAs(manager, at, { method: 'DELETE' })).status).toBe(403);
    expect((await callAs(admin, at, { method: 'DELETE' })).status).toBe(204);
    expect((await callAs(admin, at)).status).toBe(404);
  });

  it('are added once: 409', async () => {
    const { manager, owner } = await organizationWithOwner();
    const json = { email: owner.email.toUpperCase(), role: 'viewer' };
    expect((await callAs(manager, `${url}/users`, { method: 'POST', json })).status).toBe(409);
  });

  it('keep the name that each organization gives, and a change in one is none in the other', async () => {
    const [a, b] = [await organizationWithOwner(), await organizationWithOwner()];
    const email = 'shared@example.com';
    const inA = await callAs(a.manager, `${url}/users`, {
      method: 'POST',
      json: { email, name: 'In A', role: 'viewer' },
    });
    const inB = await callAs(b.manager, `${url}/users`, {
      method: 'POST',
      json: { email, name: 'In B', role: 'viewer' },
    });
    expect(field(inB.body, 'name')).toBe('In B');
    const at = `${url}/users/${textField(inA.body, 'id')}`;
    await callAs(b.manager, at, { method: 'PATCH', json: { name: 'Changed' } });
    expect(field((await callAs(a.manager, at)).body, 'name')).toBe('In A');
  });
});

describe('escalation', () => {
  it('is refused to one who may manage users but not all', async () => {
    const { manager, owner } = await organizationWithOwner();
    for (const role of ['owner', 'admin']) {
      const json = { email: `${role}@example.com`, role };
      const answer = await callAs(manager, `${url}/users`, { method: 'POST', json });
      expect([answer.status, field(answer.body, 'error', 'code')]).toEqual([403, 'insufficient_permissions']);
    }
    const demote = await callAs(manager, `${url}/users/${owner.id}`, {
      method: 'PATCH',
      json: { role: 'viewer' },
    });
    expect(demote.status).toBe(403);
  });

  it('never leaves an organization without an owner, even when two leave at once', async () => {
    const { id, owner, admin } = await organizationWithOwner();
    const last = await callAs(admin, `${url}/users/${owner.id}`, { method: 'DELETE' });
    expect(last.status).toBe(409);
    const second = await createMember(db, id, 'owner');
    const both = await Promise.all(
      [owner, second].map((user) => callAs(admin, `${url}/users/${user.id}`, { method: 'DELETE' })),
    );
    expect(both.map((answer) => answer.status).sort()).toEqual([204, 409]);
  });
});

describe('a test key', () => {
  it('reaches no members', async () => {
    const { id, owner } = await organizationWithOwner();
    const { key } = await createKey(db, product, id, ['admin'], { mode: 'test' });
    for (const path of ['/users', `/users/${owner.id}`]) {
      const answer = await callAs(key, url + path);
      expect([answer.status, field(answer.body, 'error', 'code')]).toEqual([403, 'live_mode_required']);
    }
  });
});

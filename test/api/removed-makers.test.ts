import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { updateMember } from '#store';
import { entriesOf } from '../support/audit.ts';
import { callAs, field } from '../support/call.ts';
import { createKey, createMember, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { url } = await startApi({ db, product });

/** An organization with its operator's key, and a key with `scopes` that an administrator made. */
async function setting(scopes: readonly string[] = ['admin']) {
  const { id } = await createOrganization(db, product, { plan: 'enterprise' });
  const operator = await createKey(db, product, id, ['admin']);
  await createMember(db, id, 'owner');
  const maker = await createMember(db, id, 'admin');
  const made = await createKey(db, product, id, scopes, { createdBy: maker.id });
  const become = (role: 'member' | 'viewer') =>
    updateMember(db, { organizationId: id, userId: maker.id, role, name: 'Example' });
  const remove = () => callAs(operator.key, `${url}/users/${maker.id}`, { method: 'DELETE' });
  return { id, operator: operator.key, maker, made, become, remove };
}

const write = (key: string) =>
  callAs(key, `${url}/devices`, { method: 'POST', json: { name: 'Lamp' } }).then(({ status }) => status);
const read = (key: string) => callAs(key, `${url}/devices`).then(({ status }) => status);

describe('a key whose maker is removed', () => {
  it('keeps what the maker’s last role allowed, and no more', async () => {
    const { operator, made, become, remove } = await setting();
    expect(await write(made.key)).toBe(201);
    await become('viewer');
    expect(await write(made.key)).toBe(403);
    expect((await remove()).status).toBe(204);
    expect([await write(made.key), await read(made.key)]).toEqual([403, 200]);
    const shown = await callAs(operator, `${url}/api-keys/${made.id}`);
    expect(field(shown.body, 'permissions')).toEqual(['devices:read', 'policies:read', 'users:read']);
  });

  it('is cut with an audit entry of its own', async () => {
    const { id, made, become, remove } = await setting(['devices:read', 'devices:write']);
    await become('viewer');
    await remove();
    expect((await entriesOf(db, id)).slice(-2)).toMatchObject([
      {
        action: 'api_key.updated',
        targetId: made.id,
        actorType: 'api_key',
        before: JSON.stringify({ scopes: ['devices:read', 'devices:write'] }),
        after: JSON.stringify({ scopes: ['devices:read'] }),
      },
      { action: 'user.deleted' },
    ]);
  });

  it('stays as it is when the role allowed all of it, or the key is another’s', async () => {
    const { id, maker, made, remove } = await setting(['devices:write']);
    const other = await createKey(db, product, id, ['devices:write'], {
      createdBy: (await createMember(db, id, 'member')).id,
    });
    const elsewhere = await createOrganization(db, product);
    const foreign = await createKey(db, product, elsewhere.id, ['admin'], { createdBy: maker.id });
    await remove();
    for (const { key } of [made, other, foreign]) expect(await write(key)).toBe(201);
    expect((await entriesOf(db, id)).map(({ action }) => action)).not.toContain('api_key.updated');
  });

  it('does not get back what was cut when the person comes back in a higher role', async () => {
    const { id, operator, maker, made, become, remove } = await setting();
    await become('viewer');
    await remove();
    await db.query(
      `insert into memberships (organization_id, user_id, role, name) values ($1, $2, 'admin', 'Example')`,
      [id, maker.id],
    );
    expect(await write(made.key)).toBe(403);
    const json = { name: 'Renamed' };
    const renamed = await callAs(operator, `${url}/api-keys/${made.id}`, { method: 'PATCH', json });
    expect(renamed.status).toBe(200);
  });

  it('is shown as paused where it stops with its maker, and does not wake when the person comes back', async () => {
    const { id, operator, maker, made, remove } = await setting(['devices:write']);
    await db.query(`update organizations set removed_member_keys = 'stop' where id = $1`, [id]);
    const other = await createKey(db, product, id, ['devices:write'], { createdBy: maker.id });
    const status = async (keyId: string) =>
      field((await callAs(operator, `${url}/api-keys/${keyId}`)).body, 'status');
    const set = (removed_member_keys: string) =>
      callAs(operator, `${url}/organization`, { method: 'PATCH', json: { removed_member_keys } });
    await remove();
    expect([await status(made.id), await write(made.key)]).toEqual(['paused', 401]);
    expect((await entriesOf(db, id)).filter(({ targetId }) => targetId === made.id)).toMatchObject([
      { action: 'api_key.updated', before: '{"paused":false}', after: '{"paused":true}' },
    ]);
    await set('keep');
    expect([await status(made.id), await write(made.key)]).toEqual(['paused', 401]);
    await callAs(operator, `${url}/api-keys/${other.id}/resume`, { method: 'POST' });
    expect([await status(other.id), await write(other.key)]).toEqual(['active', 201]);
    await set('stop');
    expect([await status(other.id), await write(other.key)]).toEqual(['paused', 401]);
    await db.query(
      `insert into memberships (organization_id, user_id, role, name) values ($1, $2, 'admin', 'Example')`,
      [id, maker.id],
    );
    expect([await status(made.id), await write(made.key)]).toEqual(['paused', 401]);
  });

  it('may be left with no scope at all, and is then let in nowhere', async () => {
    const { made, become, remove } = await setting(['policies:write']);
    await become('viewer');
    await remove();
    const json = { name: 'Screen lock' };
    expect((await callAs(made.key, `${url}/policies`, { method: 'POST', json })).status).toBe(403);
  });
});

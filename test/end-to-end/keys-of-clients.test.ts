import { describe, expect, it } from '@jest/globals';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { createSetting, product } from '../auth/fixtures.ts';
import { callAs, field, textField } from '../support/call.ts';
import { createKey } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';

// Keys that clients and apps make with their tokens, on both servers over one database.
const port = await freePort();
const windows = [{ name: 'minute', limit: 1_000_000, seconds: 60 }];
const setting = await createSetting({ apiUrl: `http://127.0.0.1:${port}` });
const { db, auth, organizationId } = setting;
const unlimited = { ...product, anonymousWindows: windows };
const { url, requests } = await startApi({ db, product: unlimited, authUrl: auth.url, port });
const admin = await createKey(db, product, organizationId, ['admin']);

const send = (method: string, path: string, json?: unknown, as = admin.key) =>
  callAs(as, url + path, { method, ...(json !== undefined && { json }) });

/** A key that `token` makes, and how it is shown. */
async function keyMadeWith(token: string, permissions = ['admin']) {
  const { status, body } = await send('POST', '/api-keys', { name: 'Made', permissions }, token);
  expect([status, body]).toEqual([201, expect.anything()]);
  return { key: textField(body, 'key'), id: textField(body, 'id'), body };
}

const statuses = async (key: string) => [
  (await send('GET', '/devices', undefined, key)).status,
  (await send('POST', '/devices', { name: 'A' }, key)).status,
];
const refusal = async (key: string) => {
  const { status, headers } = await send('GET', '/devices', undefined, key);
  expect(status).toBe(401);
  await requests.flush();
  const { body } = await send('GET', `/requests/${headers.get('x-request-id')}`);
  return textField(body, 'denial', 'detail');
};
const shown = async (id: string) => (await send('GET', `/api-keys/${id}`)).body;
const entryOf = async (id: string) => field((await send('GET', `/audit?target_id=${id}`)).body, 'data', 0);

describe('a key that a client has made in its own name', () => {
  async function server() {
    const client = await setting.client({
      grantTypes: ['client_credentials'],
      redirectUris: [],
      scopes: ['admin'],
    });
    const { access_token } = await setting.exchange(client, { grant_type: 'client_credentials' });
    const change = (json: object) => send('PATCH', `/clients/${client.id}`, json);
    return { client, change, made: await keyMadeWith(access_token) };
  }

  it('names it, and loses at the next request what its registration loses, and all with its deletion', async () => {
    const { client, change, made } = await server();
    expect(made.body).toMatchObject({ created_by: null, client_id: client.id, maker_removed: false });
    expect(await statuses(made.key)).toEqual([200, 201]);
    await change({ scopes: ['devices:read'] });
    expect(await statuses(made.key)).toEqual([200, 403]);
    expect((await send('DELETE', `/clients/${client.id}`)).status).toBe(204);
    expect(await refusal(made.key)).toMatch(new RegExp(`client ${client.id}.* is gone`));
    expect(await shown(made.id)).toMatchObject({ client_id: client.id, maker_removed: true });
  });

  it('is refused while the client may not act in its own name', async () => {
    const { change, made } = await server();
    await change({ grant_types: ['authorization_code'], redirect_uris: ['https://a.example/'] });
    expect(await statuses(made.key)).toEqual([401, 401]);
    await change({ grant_types: ['client_credentials'], redirect_uris: [] });
    expect(await statuses(made.key)).toEqual([200, 201]);
  });

  it('makes keys that are bound to the client as it is itself, and widens none beyond', async () => {
    const { client, change, made } = await server();
    const child = await keyMadeWith(made.key);
    const narrow = await keyMadeWith(made.key, ['devices:read']);
    expect(child.body).toMatchObject({ client_id: client.id });
    await send('PATCH', `/api-keys/${narrow.id}`, { permissions: ['admin'] });
    await change({ scopes: ['devices:read'] });
    expect([await statuses(child.key), await statuses(narrow.key)]).toEqual([
      [200, 403],
      [200, 403],
    ]);
    await send('DELETE', `/clients/${client.id}`);
    expect(await statuses(child.key)).toEqual([401, 401]);
  });
});

describe('a key that an app has made for its user', () => {
  async function app() {
    const [client, person] = [await setting.client({ scopes: ['admin'] }), await setting.person('owner')];
    const tokens = () => setting.tokens(client, person, { scope: 'admin' });
    const made = await keyMadeWith((await tokens()).access_token);
    return { client, person, made, tokens };
  }
  const withdraw = async (clientId: string) => {
    const { body } = await send('GET', `/apps/consents?client_id=${clientId}`);
    expect((await send('DELETE', `/apps/consents/${textField(body, 'data', 0, 'id')}`)).status).toBe(204);
  };

  it('ends with the user’s consent, and does not come back with another one', async () => {
    const { client, person, made, tokens } = await app();
    expect(made.body).toMatchObject({ created_by: person.id, client_id: client.id });
    expect(await statuses(made.key)).toEqual([200, 201]);
    await withdraw(client.id);
    expect(await refusal(made.key)).toMatch(/consent/);
    expect(await shown(made.id)).toMatchObject({ maker_removed: true });
    expect(await statuses((await tokens()).access_token)).toEqual([200, 201]);
    expect(await statuses(made.key)).toEqual([401, 401]);
  });

  it('may do what the consent and the app’s registration still allow', async () => {
    const { client, made } = await app();
    await db.query(`update consents set scopes = '{devices:read}' where client_id = $1`, [client.id]);
    expect(await statuses(made.key)).toEqual([200, 403]);
    await db.query(`update consents set scopes = '{admin}' where client_id = $1`, [client.id]);
    await send('PATCH', `/clients/${client.id}`, { scopes: ['devices:read'] });
    expect(await statuses(made.key)).toEqual([200, 403]);
  });

  it('and each change that an app makes for its user names both in the audit log', async () => {
    const { client, person, made, tokens } = await app();
    const by = { actor: { type: 'user', id: person.id }, client_id: client.id };
    expect(await entryOf(made.id)).toMatchObject({ action: 'api_key.created', ...by });
    await send('PATCH', `/api-keys/${made.id}`, { name: 'B' }, (await tokens()).access_token);
    expect(await entryOf(made.id)).toMatchObject({ action: 'api_key.updated', ...by });
    const member = { email: 'new@example.com', name: 'New', role: 'member' };
    const added = await send('POST', '/users', member, (await tokens()).access_token);
    expect(await entryOf(textField(added.body, 'id'))).toMatchObject({ action: 'user.created', ...by });
    await send('PATCH', `/api-keys/${made.id}`, { name: 'C' });
    expect(await entryOf(made.id)).toMatchObject({ client_id: null });
  });
});

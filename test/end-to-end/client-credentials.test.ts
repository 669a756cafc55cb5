import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as openid from 'openid-client';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { type ClientOptions, createSetting, product } from '../auth/fixtures.ts';
import { callAs, field, textField } from '../support/call.ts';
import { createKey, createMember, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';

// A server gets a token in its own name, and calls the API with it: both servers for real, on one database.
const port = await freePort();
const windows = [{ name: 'minute', limit: 1_000_000, seconds: 60 }];
const setting = await createSetting({ apiUrl: `http://127.0.0.1:${port}` });
const { db, auth, organizationId } = setting;
const { url, requests } = await startApi({
  db,
  product: { ...product, anonymousWindows: windows },
  authUrl: auth.url,
  port,
});
const admin = await createKey(db, product, organizationId, ['admin']);

const server = (more: ClientOptions = {}) =>
  setting.client({
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['devices:read', 'devices:write'],
    ...more,
  });
const ask = (client: Awaited<ReturnType<typeof server>>, more: Record<string, string> = {}) =>
  setting.exchange(client, { grant_type: 'client_credentials', ...more });

describe('a client in its own name', () => {
  it('gets a token of its organization for an hour, by what discovery tells, and no refresh token', async () => {
    const client = await server();
    const config = await openid.discovery(new URL(auth.url), client.id, client.secret ?? '', undefined, {
      execute: [openid.allowInsecureRequests],
    });
    expect(config.serverMetadata().grant_types_supported).toContain('client_credentials');
    const tokens = await openid.clientCredentialsGrant(config, { scope: 'devices:read' });
    expect([tokens.expires_in, tokens.scope, tokens.refresh_token]).toEqual([
      3600,
      'devices:read',
      undefined,
    ]);
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      iss: auth.url,
      aud: `http://127.0.0.1:${port}`,
      sub: client.id,
      client_id: client.id,
      org_id: organizationId,
      scope: 'devices:read',
    });
    expect((await callAs(tokens.access_token, `${url}/devices`)).status).toBe(200);
    const write = await callAs(tokens.access_token, `${url}/devices`, {
      method: 'POST',
      json: { name: 'A' },
    });
    expect(write.status).toBe(403);
    const verified = await callAs(tokens.access_token, `${url}/auth/verify`);
    expect(verified.body).toMatchObject({ valid: true, user_id: null, scopes: ['devices:read'] });
  });

  it('comes from an address on the allowlist of its organization, or is refused', async () => {
    const { access_token } = await ask(await server());
    const listed = async (ranges: string) => {
      await db.query('update organizations set allowed_ips = $2 where id = $1', [organizationId, ranges]);
      const { status, body } = await callAs(access_token, `${url}/devices`);
      return [status, field(body, 'error', 'code')];
    };
    try {
      expect(await listed('{192.0.2.0/24}')).toEqual([403, 'ip_not_allowed']);
      expect(await listed('{192.0.2.0/24,127.0.0.1}')).toEqual([200, undefined]);
    } finally {
      await listed('{}');
    }
  });

  it('gets all that it is registered for when it asks for nothing in particular', async () => {
    expect(await ask(await server())).toMatchObject({ status: 200, scope: 'devices:read devices:write' });
  });

  it('gets no more than it is registered for, nothing unknown and nothing about a user', async () => {
    const client = await server();
    for (const scope of ['devices:delete', 'admin', 'devices:fly', 'openid', 'devices:read openid']) {
      expect(await ask(client, { scope })).toMatchObject({ status: 400, error: 'invalid_scope' });
    }
    const elsewhere = await ask(client, { resource: 'https://other.example/' });
    expect(elsewhere).toMatchObject({ status: 400, error: 'invalid_target' });
  });

  it('reaches its own organization alone, and is what the audit log names', async () => {
    const client = await server();
    const { access_token } = await ask(client);
    const made = await callAs(access_token, `${url}/devices`, { method: 'POST', json: { name: 'Here' } });
    const { id } = await createOrganization(db, product, { plan: 'enterprise' });
    const foreign = await createKey(db, product, id, ['admin']);
    const at = `${url}/devices/${field(made.body, 'id')}`;
    expect((await callAs(admin.key, at)).status).toBe(200);
    expect((await callAs(foreign.key, at)).status).toBe(404);
    const log = await callAs(admin.key, `${url}/audit?target_id=${field(made.body, 'id')}`);
    expect(field(log.body, 'data', 0, 'actor')).toEqual({ type: 'client', id: client.id });
  });

  it('makes no owner, and no key that could, when an administrator made it', async () => {
    const maker = await createMember(db, organizationId, 'admin');
    const by = await createKey(db, product, organizationId, ['admin'], { createdBy: maker.id });
    const created = await callAs(by.key, `${url}/clients`, {
      method: 'POST',
      json: { name: 'Nightly', grant_types: ['client_credentials'], scopes: ['admin'] },
    });
    const client = {
      ...(await server()),
      id: textField(created.body, 'id'),
      secret: textField(created.body, 'client_secret'),
    };
    const { access_token } = await ask(client);
    const post = (credential: string, path: string, json: object) =>
      callAs(credential, url + path, { method: 'POST', json });
    const owner = { email: 'new-owner@example.com', role: 'owner' };
    expect((await post(access_token, '/users', owner)).status).toBe(403);
    const key = await post(access_token, '/api-keys', { name: 'Its', permissions: ['admin'] });
    expect(field(key.body, 'created_by')).toBe(maker.id);
    expect((await post(textField(key.body, 'key'), '/users', owner)).status).toBe(403);
    const registration = { scopes: ['admin'] };
    const token = await post(access_token, '/client-registration-tokens', registration);
    expect(field(token.body, 'created_by')).toBe(maker.id);
  });

  it('loses at the next request what its registration loses, and all with its deletion', async () => {
    const client = await server();
    const { access_token } = await ask(client);
    const use = async (method = 'GET') =>
      (
        await callAs(access_token, `${url}/devices`, {
          method,
          ...(method === 'POST' && { json: { name: 'A' } }),
        })
      ).status;
    const change = (json: object) =>
      callAs(admin.key, `${url}/clients/${client.id}`, { method: 'PATCH', json });
    expect(await use('POST')).toBe(201);
    await change({ scopes: ['devices:read'] });
    expect([await use('POST'), await use()]).toEqual([403, 200]);
    await change({ grant_types: ['authorization_code'], redirect_uris: ['https://a.example/'] });
    expect(await use()).toBe(401);
    await change({ grant_types: ['client_credentials'], redirect_uris: [] });
    expect(await use()).toBe(200);
    expect((await callAs(admin.key, `${url}/clients/${client.id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await use()).toBe(401);
  });

  it('introspects and revokes its token', async () => {
    const client = await server();
    const { access_token } = await ask(client);
    const introspect = async () =>
      (await setting.post('/oauth/introspect', client, { token: access_token })).json();
    expect(await introspect()).toMatchObject({ active: true, sub: client.id, org_id: organizationId });
    expect((await setting.post('/oauth/revoke', client, { token: access_token })).status).toBe(200);
    expect(await introspect()).toEqual({ active: false });
    expect((await callAs(access_token, `${url}/devices`)).status).toBe(401);
  });

  it('has each request recorded under its own name, a refused one with the reason and what would mend it', async () => {
    const client = await server();
    const { access_token } = await ask(client);
    const recorded = async (method = 'GET') => {
      const json = method === 'POST' ? { json: { name: 'A' } } : {};
      const { status, headers } = await callAs(access_token, `${url}/devices`, { method, ...json });
      await requests.flush();
      expect(requests.find(headers.get('X-Request-Id') ?? '')).toBeNull();
      const { body } = await callAs(admin.key, `${url}/requests/${headers.get('X-Request-Id')}`);
      expect([field(body, 'status'), field(body, 'credential')]).toEqual([
        status,
        { type: 'client', client_id: client.id },
      ]);
      return field(body, 'denial');
    };
    const change = (json: object) =>
      callAs(admin.key, `${url}/clients/${client.id}`, { method: 'PATCH', json });
    expect(await recorded()).toBeNull();
    await change({ scopes: ['devices:read'] });
    expect(await recorded('POST')).toMatchObject({ rule: 'insufficient_scope' });
    await change({ grant_types: ['authorization_code'], redirect_uris: ['https://a.example/'] });
    expect(await recorded()).toEqual({
      rule: 'invalid_credential',
      detail: `The client ${client.id} may not act in its own name any more.`,
      mend: 'Let the client have the grant client_credentials.',
    });
    await change({ grant_types: ['client_credentials'], redirect_uris: [] });
    await setting.post('/oauth/revoke', client, { token: access_token });
    expect(await recorded()).toMatchObject({
      detail: expect.stringMatching(/^Access token \S+ was revoked\.$/),
      mend: 'Get a new one with the credentials of the client.',
    });
    await callAs(admin.key, `${url}/clients/${client.id}`, { method: 'DELETE' });
    expect(await recorded()).toMatchObject({ detail: `The client ${client.id} is gone.` });
  });

  it('is counted by itself, and can be explained', async () => {
    const [one, other] = [await server(), await server()];
    const used = async (token: string) =>
      Number((await callAs(token, `${url}/devices`)).headers.get('x-ratelimit-remaining'));
    const [first, second] = [(await ask(one)).access_token, (await ask(one)).access_token];
    expect((await used(first)) - (await used(second))).toBe(1);
    expect(await used((await ask(other)).access_token)).toBe(999);
    const explain = (id: string) =>
      callAs(admin.key, `${url}/auth/explain`, {
        method: 'POST',
        json: { client_id: id, method: 'POST', path: '/v1/devices' },
      });
    expect((await explain(one.id)).body).toMatchObject({ allowed: true });
    expect((await explain((await setting.client()).id)).body).toMatchObject({ allowed: false, status: 401 });
  });
});

describe('no token in its own name', () => {
  it('goes to a public client, whatever its row says', async () => {
    const client = await server({ type: 'public' });
    expect(await ask(client)).toMatchObject({ status: 400, error: 'unauthorized_client' });
  });

  it('goes to a client that is not registered for it', async () => {
    const client = await setting.client();
    expect(await ask(client)).toMatchObject({ status: 400 });
  });

  it('goes to whoever has no secret, or a wrong one', async () => {
    const client = await server();
    for (const secret of [null, 'wrong', (await server()).secret]) {
      expect(await ask({ ...client, secret })).toMatchObject({ status: 401, error: 'invalid_client' });
    }
  });

  it('stands for a user: one of a user’s tokens without its grant is refused', async () => {
    const client = await setting.client({ grantTypes: ['authorization_code', 'client_credentials'] });
    const person = await setting.person('viewer');
    const tokens = await setting.tokens(client, person);
    expect((await callAs(tokens.access_token, `${url}/devices`)).status).toBe(200);
    await db.query('delete from oidc_grants where id = $1', [
      String(decodeJwt(tokens.access_token).grant_id),
    ]);
    expect((await callAs(tokens.access_token, `${url}/devices`)).status).toBe(401);
  });
});

import { describe, expect, it } from '@jest/globals';
import * as openid from 'openid-client';
import type { Role } from '#catalog';
import { mintSecret } from '#crypto';
import { deleteMember, insertRegistrationToken, updateMember } from '#store';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { call, callAs, field, textField } from '../support/call.ts';
import { createKey, createMember, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createSetting, product, redirectUri } from './fixtures.ts';

// Clients register themselves (RFC 7591) and manage themselves (RFC 7592), with tokens that the API gives out.
const windows = [{ name: 'minute', limit: 1_000_000, seconds: 60 }];
const port = await freePort();
const setting = await createSetting({ apiUrl: `http://127.0.0.1:${port}` });
const { db, auth, organizationId } = setting;
const { url } = await startApi({
  db,
  product: { ...product, anonymousWindows: windows },
  authUrl: auth.url,
  port,
});
const admin = await createKey(db, product, organizationId, ['admin']);
const endpoint = `${auth.url}/oauth/register`;
const tokens = `${url}/client-registration-tokens`;

async function newToken(json: object = {}): Promise<{ id: string; token: string }> {
  const scopes = ['devices:read', 'devices:write'];
  const { status, body } = await callAs(admin.key, tokens, { method: 'POST', json: { scopes, ...json } });
  expect(status).toBe(201);
  return { id: textField(body, 'id'), token: textField(body, 'token') };
}

const metadata = { client_name: 'Own', redirect_uris: [redirectUri], software_id: 'unknown to us' };
const register = (token: string, json: object = {}) =>
  callAs(token, endpoint, { method: 'POST', json: { ...metadata, ...json } });
const errorOf = ({ status, body }: { status: number; body: unknown }) => [status, field(body, 'error')];

async function registered(json: object = {}) {
  const { status, headers, body } = await register((await newToken()).token, json);
  expect([status, headers.get('cache-control')]).toEqual([201, 'no-store']);
  return {
    body,
    id: textField(body, 'client_id'),
    secret: field(body, 'client_secret'),
    token: textField(body, 'registration_access_token'),
    at: textField(body, 'registration_client_uri'),
  };
}

describe('a client that registers itself', () => {
  it('is a client of the token’s organization, and signs a person in, as a library of others does it', async () => {
    const { token } = await newToken();
    const config = await openid.dynamicClientRegistration(
      new URL(auth.url),
      { client_name: 'Own', redirect_uris: [redirectUri], scope: 'openid devices:read' },
      undefined,
      { initialAccessToken: token, execute: [openid.allowInsecureRequests] },
    );
    const { client_id } = config.clientMetadata();
    const start = openid.buildAuthorizationUrl(config, { redirect_uri: redirectUri, scope: 'devices:read' });
    expect((await fetch(start, { redirect: 'manual' })).status).toBe(303);
    const shown = await callAs(admin.key, `${url}/clients/${client_id}`);
    expect(shown.body).toMatchObject({ name: 'Own', scopes: ['devices:read'], type: 'confidential' });
    const log = await callAs(admin.key, `${url}/audit?target_id=${client_id}`);
    expect(field(log.body, 'data', 0)).toMatchObject({
      action: 'client.created',
      actor: { type: 'client', id: client_id },
    });
  });

  it('is told what it has become, with a secret only if it has one', async () => {
    const { body, id, at } = await registered();
    expect(at).toBe(`${endpoint}/${id}`);
    expect(body).toMatchObject({
      client_name: 'Own',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      scope: 'devices:read devices:write',
      client_secret: expect.any(String),
      client_secret_expires_at: 0,
      client_id_issued_at: expect.any(Number),
    });
    expect(body).not.toHaveProperty('software_id');
    expect((await registered({ token_endpoint_auth_method: 'none' })).secret).toBeUndefined();
  });

  it('says by which response modes it asks, and that it pushes its requests', async () => {
    const asked = { response_modes: ['form_post'], require_pushed_authorization_requests: true };
    const { body, id, at, token } = await registered(asked);
    expect(body).toMatchObject(asked);
    expect((await callAs(admin.key, `${url}/clients/${id}`)).body).toMatchObject(asked);
    const { body: replaced } = await callAs(token, at, {
      method: 'PUT',
      json: { client_id: id, ...metadata },
    });
    expect(replaced).not.toHaveProperty('response_modes');
    expect(replaced).toMatchObject({ require_pushed_authorization_requests: false });
  });

  it('looks at, changes and deletes itself', async () => {
    const { at, id, token, body } = await registered();
    const { client_secret, client_secret_expires_at, ...same } = Object(body);
    expect((await callAs(token, at)).body).toEqual(same);
    const replaced = await callAs(token, at, {
      method: 'PUT',
      json: { client_id: id, redirect_uris: ['https://new.example/cb'], scope: 'devices:read' },
    });
    expect(replaced.body).toMatchObject({
      client_name: 'Unnamed app',
      redirect_uris: ['https://new.example/cb'],
      scope: 'devices:read',
      registration_access_token: token,
    });
    expect((await callAs(token, at, { method: 'DELETE' })).status).toBe(204);
    expect(errorOf(await callAs(token, at))).toEqual([401, 'invalid_token']);
    expect((await callAs(admin.key, `${url}/clients/${id}`)).status).toBe(404);
  });
});

describe('nobody registers a client', () => {
  it('without a token, or with one that is wrong, used up, expired or deleted', async () => {
    const once = await newToken();
    expect((await register(once.token)).status).toBe(201);
    const deleted = await newToken();
    await callAs(admin.key, `${tokens}/${deleted.id}`, { method: 'DELETE' });
    const { secret: expired, ...minted } = mintSecret();
    const expiresAt = new Date(Date.now() - 1_000).toISOString();
    const old = { organizationId, scopes: ['devices:read'], remainingUses: 9, expiresAt, createdBy: null };
    await insertRegistrationToken(db, old, minted);
    for (const token of ['', 'wrong', once.token, deleted.token, expired, admin.key]) {
      const answer = await register(token);
      expect(errorOf(answer)).toEqual([401, 'invalid_token']);
      expect(answer.headers.get('www-authenticate')).toContain('invalid_token');
    }
  });

  it('with a token whose maker could not make it any more', async () => {
    const maker = await createMember(db, organizationId, 'admin');
    const key = await createKey(db, product, organizationId, ['admin'], { createdBy: maker.id });
    const json = { scopes: ['devices:write'], uses: 9 };
    const { body } = await callAs(key.key, tokens, { method: 'POST', json });
    const token = textField(body, 'token');
    const become = (role: Role) =>
      updateMember(db, { organizationId, userId: maker.id, role, name: maker.name });
    expect((await register(token)).status).toBe(201);
    await become('member');
    expect((await register(token)).status).toBe(201);
    await become('viewer');
    expect(errorOf(await register(token))).toEqual([401, 'invalid_token']);
    await become('admin');
    expect((await register(token)).status).toBe(201);
    await deleteMember(db, organizationId, maker.id);
    expect(errorOf(await register(token))).toEqual([401, 'invalid_token']);
  });

  it('more often than its token allows, also at once', async () => {
    const { token } = await newToken({ uses: 2 });
    const answers = await Promise.all(Array.from({ length: 6 }, () => register(token)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 401, 401, 401, 401]);
  });

  it('with a mistake, which costs no use of the token', async () => {
    const { token } = await newToken();
    for (const [json, error] of [
      [{ redirect_uris: ['http://evil.example/cb'] }, 'invalid_redirect_uri'],
      [{ redirect_uris: [] }, 'invalid_redirect_uri'],
      [{ scope: 'devices:delete' }, 'invalid_client_metadata'],
      [{ scope: 'admin' }, 'invalid_client_metadata'],
      [{ scope: 'devices:fly' }, 'invalid_client_metadata'],
      [{ response_types: ['token'] }, 'invalid_client_metadata'],
      [{ response_modes: ['web_message'] }, 'invalid_client_metadata'],
      [{ grant_types: ['password'] }, 'invalid_client_metadata'],
      [
        { grant_types: ['client_credentials'], token_endpoint_auth_method: 'none' },
        'invalid_client_metadata',
      ],
      [{ token_endpoint_auth_method: 'private_key_jwt' }, 'invalid_client_metadata'],
      [{ logo_uri: 'javascript:alert(1)' }, 'invalid_client_metadata'],
      [{ client_name: 7 }, 'invalid_client_metadata'],
    ] as const) {
      expect([json, ...errorOf(await register(token, json))]).toEqual([json, 400, error]);
    }
    for (const json of [[], 'x', null]) {
      expect((await callAs(token, endpoint, { method: 'POST', json })).status).toBe(400);
    }
    expect((await register(token)).status).toBe(201);
  });

  it('in an organization whose plan has no OAuth', async () => {
    const { id } = await createOrganization(db, product, { plan: 'free' });
    const { secret, ...minted } = mintSecret();
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const wanted = {
      organizationId: id,
      scopes: ['devices:read'],
      remainingUses: 1,
      expiresAt,
      createdBy: null,
    };
    await insertRegistrationToken(db, wanted, minted);
    expect(errorOf(await register(secret))).toEqual([400, 'access_denied']);
    const key = await createKey(db, product, id, ['admin']);
    const made = await callAs(key.key, tokens, { method: 'POST', json: { scopes: ['devices:read'] } });
    expect(made.status).toBe(403);
  });
});

describe('a registered client is managed', () => {
  it('by its own token alone', async () => {
    const [mine, theirs] = [await registered(), await registered()];
    const byHand = await setting.client();
    for (const token of ['', 'wrong', theirs.token, admin.key]) {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const json = { ...metadata, client_id: mine.id };
        const answer = await callAs(token, mine.at, { method, ...(method === 'PUT' && { json }) });
        expect([method, ...errorOf(answer)]).toEqual([method, 401, 'invalid_token']);
      }
    }
    for (const id of [byHand.id, 'none', '%00']) {
      expect((await callAs(mine.token, `${endpoint}/${id}`)).status).toBe(id === '%00' ? 400 : 401);
    }
  });

  it('within what its organization’s token allowed, and as no other client', async () => {
    const { at, id, token } = await registered({ scope: 'devices:read' });
    const put = (json: object) =>
      callAs(token, at, { method: 'PUT', json: { ...metadata, client_id: id, ...json } });
    expect((await put({ scope: 'devices:write' })).status).toBe(200);
    expect(errorOf(await put({ scope: 'policies:read' }))).toEqual([400, 'invalid_client_metadata']);
    expect(errorOf(await put({ client_id: (await registered()).id }))).toEqual([400, 'invalid_request']);
  });

  it('within what an administrator has left it since', async () => {
    const { at, id, secret, token } = await registered({ grant_types: ['client_credentials'] });
    const issued = await call(`${auth.url}/oauth/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const write = () =>
      callAs(textField(issued.body, 'access_token'), `${url}/devices`, {
        method: 'POST',
        json: { name: 'Lamp' },
      });
    const patch = (json: object) => callAs(admin.key, `${url}/clients/${id}`, { method: 'PATCH', json });
    const widen = (scope: string) =>
      callAs(token, at, {
        method: 'PUT',
        json: { client_id: id, grant_types: ['client_credentials'], scope },
      });
    const both = 'devices:read devices:write';
    expect((await write()).status).toBe(201);
    expect((await patch({ name: 'Renamed' })).status).toBe(200);
    expect((await widen(both)).status).toBe(200);
    expect((await patch({ scopes: ['devices:read'] })).status).toBe(200);
    expect(errorOf(await widen(both))).toEqual([400, 'invalid_client_metadata']);
    expect((await write()).status).toBe(403);
    // As with a role: what is lost is lost for as long as the administrator leaves it so.
    expect((await patch({ scopes: both.split(' ') })).status).toBe(200);
    expect((await write()).status).toBe(201);
    expect((await widen(both)).status).toBe(200);
  });
});

describe('the tokens for registration', () => {
  it('are listed without themselves, are stored as hashes, and give no more than their maker has', async () => {
    const { id, token } = await newToken({ uses: 3 });
    await register(token);
    const list = await callAs(admin.key, `${tokens}?limit=100`);
    const data: unknown = field(list.body, 'data');
    expect(Array.isArray(data) && data.find((one) => one.id === id)).toMatchObject({
      hint: token.slice(-4),
      remaining_uses: 2,
    });
    expect(JSON.stringify(list.body)).not.toContain(token);
    const rows = await db.query('select t::text as row from registration_tokens t');
    expect(JSON.stringify(rows)).not.toContain(token);
    const log = await callAs(admin.key, `${url}/audit?target_id=${id}`);
    expect(JSON.stringify(log.body)).toContain('registration_token.created');
    expect(JSON.stringify(log.body)).not.toContain(token);
  });
});

it('discovery names the endpoint', async () => {
  const { body } = await call(`${auth.url}/.well-known/oauth-authorization-server`);
  expect(field(body, 'registration_endpoint')).toBe(endpoint);
});

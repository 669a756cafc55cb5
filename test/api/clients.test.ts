import { describe, expect, it } from '@jest/globals';
import { oauthClients } from '#catalog';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { vaultwares } from '../../packages/catalog/products/vaultwares.ts';
import { createSetting, joinOrganization, product, type TestClient } from '../auth/fixtures.ts';
import { callAs, field, textField } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { authorize, credentialsOf, follow, type Landing, openBrowser, submit } from '../support/sign-in.ts';
import { startApi } from '../support/start-api.ts';

const windows = [{ name: 'minute', limit: 1_000_000, seconds: 60 }];
const unlimited = { ...product, anonymousWindows: windows };
const port = await freePort();
const setting = await createSetting({ apiUrl: `http://127.0.0.1:${port}` });
const { db, auth, organizationId } = setting;
const { url } = await startApi({ db, product: unlimited, authUrl: auth.url, port });
const admin = await createKey(db, product, organizationId, ['admin']);
const person = await setting.person('member');
const browser = openBrowser();

// Managing clients is no scope above all here: what a maker doesn't hold, its clients may not ask for.
const registrationTokensPath = '/client-registration-tokens';
const capabilities = [oauthClients({ path: '/clients', registrationTokensPath, scope: 'users:write' })];
const modest = await startApi({ db, product: { ...vaultwares, capabilities, anonymousWindows: windows } });

const redirect_uris = ['https://yourapp.com/callback'];
const choice = { name: 'Fleet Monitor', redirect_uris, scopes: ['devices:read', 'devices:write'] };
const make = (json: object = {}, key = admin.key) =>
  callAs(key, `${url}/clients`, { method: 'POST', json: { ...choice, ...json } });
const change = (id: string, json: object, key = admin.key) =>
  callAs(key, `${url}/clients/${id}`, { method: 'PATCH', json });
const addSecret = (id: string) => callAs(admin.key, `${url}/clients/${id}/secrets`, { method: 'POST' });
const remove = (path: string) => callAs(admin.key, `${url}/clients/${path}`, { method: 'DELETE' });

/** A client that the API has made, as the fixtures speak for it. */
async function made(json: object = {}): Promise<TestClient> {
  const { status, body } = await make(json);
  expect([status, body]).toEqual([201, expect.anything()]);
  const secret = field(body, 'client_secret');
  return {
    ...(await setting.client({ name: 'unused' })),
    id: textField(body, 'id'),
    type: field(body, 'type') === 'public' ? 'public' : 'confidential',
    redirectUris: [String(field(body, 'redirect_uris', 0))],
    secret: typeof secret === 'string' ? secret : null,
  };
}

/** The consent page that a client's authorization request leads to. */
async function consentPage(client: TestClient): Promise<Landing> {
  const own = openBrowser();
  const { form } = await follow(own, await own.fetch(setting.authorizeUrl(client)));
  return follow(own, await submit(own, new URL(form?.action ?? '', auth.url), credentialsOf(person)));
}

async function knows(client: TestClient, secret: string | null): Promise<boolean> {
  const answer = await setting.refresh({ ...client, secret }, 'no-such-token');
  return answer.error === 'invalid_grant';
}

describe('a client', () => {
  it('is made, shown, listed, changed and deleted, with each change in the audit log', async () => {
    const links = {
      logo_uri: 'https://yourapp.com/logo.png',
      client_uri: 'https://yourapp.com/',
      policy_uri: 'https://yourapp.com/privacy',
      tos_uri: 'https://yourapp.com/terms',
    };
    const { status, headers, body } = await make(links);
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    const { client_secret: secret, ...client } = Object(body);
    const id = textField(client, 'id');
    expect(client).toEqual({
      id,
      ...choice,
      ...links,
      type: 'confidential',
      jwks: null,
      post_logout_redirect_uris: [],
      backchannel_logout_uri: null,
      dpop_bound_access_tokens: false,
      response_modes: null,
      require_pushed_authorization_requests: false,
      application_type: 'web',
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code', 'refresh_token'],
      secrets: [expect.objectContaining({ hint: secret.slice(-4), last_used_at: null })],
      created_by: null,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    expect((await callAs(admin.key, `${url}/clients/${id}`)).body).toEqual(client);
    const list = await callAs(admin.key, `${url}/clients?limit=100`);
    expect(field(list.body, 'data')).toContainEqual(client);
    expect(JSON.stringify(list.body)).not.toContain(secret);

    const changed = await change(id, { name: 'Monitor', logo_uri: null, scopes: ['devices:read'] });
    const after = { ...client, name: 'Monitor', logo_uri: null, scopes: ['devices:read'] };
    expect(changed.body).toEqual({ ...after, updated_at: expect.any(String) });
    expect((await remove(id)).status).toBe(204);
    expect((await callAs(admin.key, `${url}/clients/${id}`)).status).toBe(404);

    const log = field((await callAs(admin.key, `${url}/audit?target_id=${id}`)).body, 'data');
    const entries = Array.isArray(log) ? log : [];
    expect(entries.map(({ action }) => action)).toEqual([
      'client.deleted',
      'client.updated',
      'client.created',
    ]);
    expect(entries[1]).toMatchObject({ before: { name: 'Fleet Monitor' }, after: { name: 'Monitor' } });
    expect(JSON.stringify(entries)).not.toContain(secret);
  });

  it('signs a person in as soon as it is made, and shows its links on the consent page', async () => {
    const client = await made({
      policy_uri: 'https://yourapp.com/privacy',
      logo_uri: 'https://cdn.example/l.png?a=1&b="',
    });
    const { html, headers } = await consentPage(client);
    expect(html).toContain('<a class="link" href="https://yourapp.com/privacy"');
    expect(html).toContain('src="https://cdn.example/l.png?a=1&amp;b=&quot;"');
    expect(headers.get('content-security-policy')).toContain("img-src 'self' https://cdn.example;");
    const tokens = await setting.tokens(client, person, { browser });
    expect((await callAs(tokens.access_token, `${url}/devices`)).status).toBe(200);
  });

  it('can be held to pushed requests, and to response modes that it needs', async () => {
    const asked = { response_modes: ['form_post', 'form_post'], require_pushed_authorization_requests: true };
    const client = await made(asked);
    const shown = await callAs(admin.key, `${url}/clients/${client.id}`);
    expect(shown.body).toMatchObject({ ...asked, response_modes: ['form_post'] });
    const pushed = {
      response_type: 'code',
      scope: 'devices:read',
      redirect_uri: choice.redirect_uris[0] ?? '',
    };
    const push = async (response_mode: string) =>
      (await setting.post('/oauth/par', client, { ...pushed, response_mode })).status;
    expect([await push('form_post'), await push('query')]).toEqual([201, 400]);
    const changed = await change(client.id, { response_modes: null });
    expect(changed.body).toMatchObject({ response_modes: null, require_pushed_authorization_requests: true });
    expect(await push('query')).toBe(201);
  });

  it('that is public has no secret, and needs none', async () => {
    const client = await made({ token_endpoint_auth_method: 'none' });
    expect([client.type, client.secret]).toEqual(['public', null]);
    const tokens = await setting.tokens(client, person, { browser });
    expect((await callAs(tokens.access_token, `${url}/devices`)).status).toBe(200);
    expect((await addSecret(client.id)).status).toBe(409);
  });

  it('that is native comes back to any port of its own machine', async () => {
    const client = await made({
      ...{ application_type: 'native', token_endpoint_auth_method: 'none' },
      redirect_uris: ['http://127.0.0.1/callback'],
    });
    const url = setting.authorizeUrl(client, { redirect_uri: 'http://127.0.0.1:51234/callback' });
    expect((await authorize(url, person, { browser })).port).toBe('51234');
  });

  it('that is deleted is unknown at once, and so is every token of its', async () => {
    const client = await made();
    const tokens = await setting.tokens(client, person, { browser });
    expect((await callAs(tokens.access_token, `${url}/devices`)).status).toBe(200);
    expect((await remove(client.id)).status).toBe(204);
    expect((await callAs(tokens.access_token, `${url}/devices`)).status).toBe(401);
    expect(await setting.refresh(client, tokens.refresh_token)).toMatchObject({ error: 'invalid_client' });
    const refused = await fetch(setting.authorizeUrl(client), { redirect: 'manual' });
    expect([refused.status, refused.headers.get('location')]).toEqual([400, null]);
    expect(await db.query('select id from consents where client_id = $1', [client.id])).toEqual([]);
  });

  it('that loses a scope loses it in the tokens that are out', async () => {
    const client = await made();
    const { access_token } = await setting.tokens(client, person, {
      browser,
      scope: 'devices:read devices:write',
    });
    const write = () => callAs(access_token, `${url}/devices`, { method: 'POST', json: { name: 'A' } });
    expect((await write()).status).toBe(201);
    await change(client.id, { scopes: ['devices:read'] });
    expect((await write()).status).toBe(403);
    expect((await callAs(access_token, `${url}/devices`)).status).toBe(200);
  });

  it('that loses a redirect URI, or a grant, can’t use it any more', async () => {
    const client = await made({ redirect_uris: [...redirect_uris, 'https://yourapp.com/other'] });
    const { refresh_token } = await setting.tokens(client, person, { browser });
    await change(client.id, {
      redirect_uris: ['https://yourapp.com/other'],
      grant_types: ['authorization_code'],
    });
    const refused = await fetch(setting.authorizeUrl(client), { redirect: 'manual' });
    expect([refused.status, refused.headers.get('location')]).toEqual([400, null]);
    expect(await setting.refresh(client, refresh_token)).toMatchObject({ status: 400 });
  });
});

describe('the secrets of a client', () => {
  it('are two while they rotate, each with its last use, and one ends alone', async () => {
    const client = await made();
    const added = await addSecret(client.id);
    expect(added.status).toBe(201);
    const second = textField(added.body, 'client_secret');
    const secrets = async () => {
      await auth.flushSecretUses();
      return field((await callAs(admin.key, `${url}/clients/${client.id}`)).body, 'secrets');
    };
    expect(await secrets()).toEqual([
      expect.objectContaining({ last_used_at: null }),
      expect.objectContaining({ id: textField(added.body, 'id'), last_used_at: null }),
    ]);
    for (const secret of [client.secret, second]) expect(await knows(client, secret)).toBe(true);
    expect(await secrets()).toEqual([
      expect.objectContaining({ last_used_at: expect.any(String) }),
      expect.objectContaining({ last_used_at: expect.any(String) }),
    ]);

    const first = textField(await secrets(), 0, 'id');
    expect((await remove(`${client.id}/secrets/${first}`)).status).toBe(204);
    expect(await knows(client, client.secret)).toBe(false);
    expect(await knows(client, second)).toBe(true);
    expect((await remove(`${client.id}/secrets/${first}`)).status).toBe(404);
  });

  it('are never three', async () => {
    const client = await made();
    const tries = await Promise.all([addSecret(client.id), addSecret(client.id), addSecret(client.id)]);
    expect(tries.map(({ status }) => status).toSorted()).toEqual([201, 409, 409]);
  });

  it('that are wrong, or another client’s, are not known', async () => {
    const [client, other] = [await made(), await made()];
    for (const secret of ['wrong', other.secret, 'see secrets', '']) {
      expect(await knows(client, secret)).toBe(false);
    }
  });
});

describe('400', () => {
  it.each([
    ['redirect_uris.0', { redirect_uris: ['http://yourapp.com/callback'] }],
    ['redirect_uris.0', { redirect_uris: ['https://*.yourapp.com/callback'] }],
    ['redirect_uris.0', { redirect_uris: ['https://yourapp.com/callback#x'] }],
    ['redirect_uris.0', { redirect_uris: ['https://user:pass@yourapp.com/'] }],
    ['redirect_uris.0', { redirect_uris: ['javascript:alert(1)'] }],
    ['redirect_uris', { redirect_uris: [] }],
    ['redirect_uris', { application_type: 'native', redirect_uris: ['https://localhost/cb'] }],
    ['grant_types', { grant_types: ['refresh_token'] }],
    ['grant_types', { grant_types: ['client_credentials'], token_endpoint_auth_method: 'none' }],
    ['grant_types.0', { grant_types: ['password'] }],
    ['token_endpoint_auth_method', { token_endpoint_auth_method: 'client_secret_jwt' }],
    ['scopes.0', { scopes: ['devices:fly'] }],
    ['scopes', { scopes: [] }],
    ['logo_uri', { logo_uri: 'http://yourapp.com/logo.png' }],
    ['logo_uri', { logo_uri: 'https://cdn.example;script-src/' }],
    ['backchannel_logout_uri', { backchannel_logout_uri: 'http://10.0.0.1/' }],
    ['policy_uri', { policy_uri: 'javascript:alert(1)' }],
    ['client_secret', { client_secret: 'mine' }],
    ['response_modes.0', { response_modes: ['web_message'] }],
    ['response_modes', { response_modes: [] }],
    ['require_pushed_authorization_requests', { require_pushed_authorization_requests: 'yes' }],
    ['name', { name: ' ' }],
  ])('names %s for %j, at making and at changing', async (name, json) => {
    const client = await made();
    for (const { status, body } of [await make(json), await change(client.id, json)]) {
      expect([status, field(body, 'error', 'details', 0, 'field')]).toEqual([400, name]);
    }
  });
});

describe('403', () => {
  it('for an organization whose plan has no OAuth, which still sees and deletes what it has', async () => {
    const { id } = await createOrganization(db, product, { plan: 'free' });
    const key = await createKey(db, product, id, ['admin']);
    const refused = await make({}, key.key);
    expect([refused.status, field(refused.body, 'error', 'code')]).toEqual([403, 'plan_required']);
    expect(field(refused.body, 'error', 'message')).toContain('enterprise or custom');
    await db.query('update organizations set plan = $2 where id = $1', [id, 'enterprise']);
    const { body } = await make({}, key.key);
    await db.query('update organizations set plan = $2 where id = $1', [id, 'free']);
    expect((await change(textField(body, 'id'), { name: 'X' }, key.key)).status).toBe(403);
    const at = `${url}/clients/${textField(body, 'id')}`;
    expect((await callAs(key.key, at)).status).toBe(200);
    expect((await callAs(key.key, at, { method: 'DELETE' })).status).toBe(204);
  });

  it('for a test key', async () => {
    const key = await createKey(db, product, organizationId, ['admin'], { mode: 'test' });
    expect((await callAs(key.key, `${url}/clients`)).status).toBe(403);
    expect((await make({}, key.key)).status).toBe(403);
  });

  it('for a scope that the caller does not hold: no client has more than its maker, nor is changed by one with less', async () => {
    const key = await createKey(db, product, organizationId, ['users:write', 'devices:read']);
    const send = (path: string, method: string, json?: object) =>
      callAs(key.key, `${modest.url}/clients${path}`, { method, ...(json && { json }) });
    expect((await send('', 'POST', choice)).status).toBe(403);
    const own = await send('', 'POST', { ...choice, scopes: ['devices:read'] });
    expect(own.status).toBe(201);
    const id = textField(own.body, 'id');
    expect((await send(`/${id}`, 'PATCH', { scopes: ['admin'] })).status).toBe(403);
    expect((await send(`/${id}`, 'PATCH', { name: 'Mine' })).status).toBe(200);
    expect((await send(`/${id}/secrets`, 'POST')).status).toBe(201);

    const powerful = (await made({ scopes: ['admin'] })).id;
    const evil = { redirect_uris: ['https://evil.example/callback'] };
    expect((await send(`/${powerful}`, 'PATCH', evil)).status).toBe(403);
    expect((await send(`/${powerful}`, 'PATCH', { ...evil, scopes: ['devices:read'] })).status).toBe(403);
    expect((await send(`/${powerful}/secrets`, 'POST')).status).toBe(403);

    const registration = (scopes: string[]) =>
      callAs(key.key, modest.url + registrationTokensPath, { method: 'POST', json: { scopes } });
    expect((await registration(['devices:read'])).status).toBe(201);
    expect((await registration(['devices:read', 'admin'])).status).toBe(403);
  });
});

it('is its organization’s alone, also to a person of two organizations', async () => {
  const owner = await setting.person('owner');
  await joinOrganization(db, owner, 'Other', 'owner');
  const { id } = await createOrganization(db, product, { plan: 'enterprise' });
  const key = await createKey(db, product, id, ['admin']);
  const client = await made();
  expect((await change(client.id, { name: 'Mine' }, key.key)).status).toBe(404);
});

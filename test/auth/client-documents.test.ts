import { createServer } from 'node:http';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { outsideFetch } from '#http';
import { deleteConsent, deleteUnusedDescribedClients, findClient, findConsent } from '#store';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { callAs, field } from '../support/call.ts';
import { inTheFuture } from '../support/clock.ts';
import { createKey } from '../support/fixtures.ts';
import { authorize, type Browser, openBrowser, readForm, submit, textOf } from '../support/sign-in.ts';
import { startApi } from '../support/start-api.ts';
import { startAuth } from '../support/start-auth.ts';
import { until } from '../support/until.ts';
import { challenge, createSetting, product, redirectUri, type TestClient, verifier } from './fixtures.ts';

// Clients that describe themselves at the URL that is their id (draft-ietf-oauth-client-id-metadata-document).
type Hosted = { status?: number; headers?: Record<string, string>; body: unknown };
const hosted = new Map<string, Hosted>();
const fetched: string[] = [];
const host = createServer((request, response) => {
  const url = `https://${request.headers['x-host']}${request.url}`;
  fetched.push(url);
  const { status = 200, headers, body } = hosted.get(url) ?? { status: 404, body: '' };
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
});
await new Promise<void>((done) => host.listen(0, '127.0.0.1', done));
afterAll(() => {
  host.close().closeAllConnections();
});
const address = host.address();
const at = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;

// All hosts of the world are this one, without TLS; the rest is the real thing.
const reach = outsideFetch({ mayReach: () => true });
const fetchOutside: typeof fetch = (input, init) => {
  const { host: name, pathname, search } = new URL(input instanceof Request ? input.url : input);
  return reach(at + pathname + search, { ...init, headers: { Accept: 'application/json', 'X-Host': name } });
};

const port = await freePort();
const apiUrl = `http://127.0.0.1:${port}`;
const setting = await createSetting({ fetchOutside, clientDocuments: true, apiUrl });
const { db, auth, organizationId } = setting;
const { url: api } = await startApi({ db, product, authUrl: auth.url, port });
const admin = await createKey(db, product, organizationId, ['admin']);
const person = await setting.person();

let number = 0;
/** A client with a document of its own at a URL of its own. */
async function publish(more: object = {}, headers: Record<string, string> = {}): Promise<TestClient> {
  number += 1;
  const id = `https://app${number}.example.com/client.json`;
  const document = { client_id: id, client_name: 'Fleet Monitor', redirect_uris: [redirectUri], ...more };
  hosted.set(id, { headers, body: document });
  return { ...(await setting.client({ type: 'public' })), id };
}

/** The page that an authorization request ends on. */
async function pageFor(id: string, url = auth.url) {
  const like = await setting.client({ type: 'public' });
  const start = setting.authorizeUrl({ ...like, id });
  const response = await fetch(`${url}${start.pathname}${start.search}`);
  return { status: response.status, text: textOf(await response.text()) };
}

/** The page that a request comes to. */
async function follow(browser: Browser, response: Response) {
  let answer = response;
  for (let to = answer.headers.get('location'); to !== null; to = answer.headers.get('location')) {
    answer = await browser.fetch(new URL(to, auth.url));
  }
  const html = await answer.text();
  return { html, text: textOf(html), action: new URL(readForm(html)?.action ?? '', auth.url) };
}

const fetchesOf = ({ id }: { id: string }) => fetched.filter((url) => url === id).length;

beforeEach(() => {
  fetched.length = 0;
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a client that describes itself', () => {
  it('gets tokens that the API takes, refreshes them, and revokes them', async () => {
    const client = await publish();
    const tokens = await setting.tokens(client, person);
    expect(tokens).toMatchObject({ status: 200, scope: 'devices:read' });
    const use = async (token: string) => (await callAs(token, `${api}/devices`)).status;
    expect(await use(tokens.access_token)).toBe(200);
    const next = await setting.refresh(client, tokens.refresh_token);
    expect(await use(next.access_token)).toBe(200);
    const introspected = await setting.post('/oauth/introspect', client, { token: next.access_token });
    expect(await introspected.json()).toMatchObject({ active: true, client_id: client.id });
    await setting.post('/oauth/revoke', client, { token: next.refresh_token });
    expect(await use(next.access_token)).toBe(401);
  });

  it('is announced by both discovery documents', async () => {
    for (const name of ['oauth-authorization-server', 'openid-configuration']) {
      const { body } = await callAs('', `${auth.url}/.well-known/${name}`);
      expect(field(body, 'client_id_metadata_document_supported')).toBe(true);
    }
  });

  it('is held to the response modes that it names, and to pushed requests when it says so', async () => {
    const client = await publish({
      response_modes: ['form_post', 'web_message'],
      require_pushed_authorization_requests: true,
    });
    const request = { response_type: 'code', scope: 'devices:read', redirect_uri: redirectUri };
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    const push = async (response_mode: string) =>
      (await setting.post('/oauth/par', client, { ...request, ...pkce, response_mode })).status;
    expect([await push('form_post'), await push('query')]).toEqual([201, 400]);
    const plain = await pageFor(client.id);
    expect([plain.status, plain.text]).toEqual([
      400,
      expect.stringContaining('Pushed Authorization Request'),
    ]);
    const none = await publish({ response_modes: ['web_message'] });
    expect((await pageFor(none.id)).text).toContain('response_modes');
  });

  it('goes by its host on every page, and by no name that it gives itself', async () => {
    const client = await publish({
      // Turned around from here on, wherever that is not kept apart.
      client_name: 'VaultWares\u202e',
      logo_uri: 'https://vaultwares.com/logo.png',
      client_uri: 'https://vaultwares.com/',
      policy_uri: new URL('/privacy', `https://app${number + 1}.example.com`).href,
    });
    const shown = new URL(client.id).host;
    const browser = openBrowser();
    const signIn = await follow(browser, await browser.fetch(setting.authorizeUrl(client)));
    expect(signIn.text).toContain(`to continue to ${shown}`);
    expect(signIn.text).not.toContain('to continue to VaultWares');
    const fields: [string, string][] = [
      ['email', person.email],
      ['password', person.password],
    ];
    const consent = await follow(browser, await submit(browser, signIn.action, fields));
    expect(consent.text).toContain(`${shown} wants access to your VaultWares account`);
    expect(consent.text).toMatch(/It calls itself VaultWares\S* \. VaultWares has not checked that/);
    expect(consent.html).toContain('<bdi>VaultWares\u202e</bdi>');
    expect(consent.text).toContain(`Its address is ${client.id}`);
    expect(consent.text).toContain('You go back to 127.0.0.1:8910 either way');
    expect(consent.html).not.toContain('https://vaultwares.com');
    expect(consent.html).toContain('/privacy');
  });

  it('proves itself with a key, in its document or at its jwks_uri', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwks = { keys: [await exportJWK(publicKey)] };
    const jwks_uri = 'https://keys.example.com/jwks.json';
    hosted.set(jwks_uri, { body: jwks });
    for (const keys of [{ jwks }, { jwks_uri }]) {
      const client = await publish({ token_endpoint_auth_method: 'private_key_jwt', ...keys });
      const callback = await authorize(setting.authorizeUrl(client), person);
      const exchange = async (key: typeof privateKey) => {
        const assertion = new SignJWT({
          iss: client.id,
          sub: client.id,
          aud: auth.url,
          jti: `${Math.random()}`,
        });
        assertion.setProtectedHeader({ alg: 'ES256' }).setExpirationTime('1m');
        return setting.exchange(client, {
          grant_type: 'authorization_code',
          code: callback.searchParams.get('code') ?? '',
          redirect_uri: redirectUri,
          code_verifier: verifier,
          client_assertion: await assertion.sign(key),
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        });
      };
      expect((await exchange((await generateKeyPair('ES256')).privateKey)).error).toBe('invalid_client');
      expect(await exchange(privateKey)).toMatchObject({ status: 200 });
    }
  });

  it('may ask for the scopes that it names, or for all but the one above all', async () => {
    const scopeOf = async (client: TestClient, scope: string) =>
      (await setting.tokens(client, person, { scope }).catch((error) => error)).scope;
    const named = await publish({ scope: 'openid devices:read admin mail:send' });
    expect(await scopeOf(named, 'admin')).toBe('admin');
    const silent = await publish({ scope: 'mail:send' });
    expect(await scopeOf(silent, 'devices:write')).toBe('devices:write');
    await expect(setting.tokens(silent, person, { scope: 'admin' })).rejects.toThrow('invalid_scope');
  });

  it('is asked about each time where any program of the user’s machine could claim to be it', async () => {
    const again = async (redirectUris: string[]) => {
      const client = { ...(await publish({ redirect_uris: redirectUris })), redirectUris };
      const browser = openBrowser();
      await setting.tokens(client, person, { browser });
      const callback = await authorize(setting.authorizeUrl(client, { prompt: 'none' }), person, { browser });
      return callback.searchParams.get('error');
    };
    expect(await again([redirectUri])).toBe('consent_required');
    expect(await again(['https://app.example.com/callback'])).toBeNull();
  });

  it('is let into no organization whose plan has no OAuth', async () => {
    const client = await publish();
    const visitor = await setting.person();
    await setting.tokens(client, visitor);
    await db.query(`update organizations set plan = 'free' where id = $1`, [organizationId]);
    const ends = setting.tokens(client, visitor).then(
      () => 'a token',
      (error) => String(error),
    );
    expect(await ends).toContain('plan doesn’t let apps in');
    await db.query(`update organizations set plan = 'enterprise' where id = $1`, [organizationId]);
  });

  it('is asked for under its host where apps need an approval, and let in by its URL', async () => {
    const policy = (app_policy: string) =>
      callAs(admin.key, `${api}/organization`, { method: 'PATCH', json: { app_policy } });
    const client = await publish();
    const [member, browser] = [await setting.person('member'), openBrowser()];
    await submit(browser, `${auth.url}/sign-in`, [
      ['email', member.email],
      ['password', member.password],
    ]);
    await policy('approval');
    const { host: name } = new URL(client.id);
    const page = await follow(browser, await browser.fetch(setting.authorizeUrl(client)));
    expect(page.text).toContain(`Ask for ${name}`);
    expect(page.text).toMatch(/It calls itself Fleet Monitor ?\. VaultWares has not checked that/);
    await submit(browser, page.action, [['organization', organizationId]]);
    const { body } = await callAs(admin.key, `${api}/apps/requests?state=pending`);
    expect(field(body, 'data', 0)).toMatchObject({ client_id: client.id, client_name: name });
    const json = { client_id: client.id, decision: 'allowed' };
    await callAs(admin.key, `${api}/apps/decisions`, { method: 'POST', json });
    expect((await setting.tokens(client, member, { browser })).scope).toBe('devices:read');
    const apps = await browser.fetch(`${auth.url}/account/apps`);
    expect(textOf(await apps.text())).toContain(`${name} Not made by an organization here, in Acme`);
    await policy('allowed');
  });

  it('gets no grant but that of users', async () => {
    const client = await publish({
      grant_types: [
        'authorization_code',
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:device_code',
        'of another server',
      ],
    });
    expect((await setting.exchange(client, { grant_type: 'client_credentials' })).status).toBe(400);
    const device = await setting.post('/oauth/device_authorization', client, { scope: 'devices:read' });
    expect(device.status).toBe(400);
    expect((await setting.tokens(client, person)).status).toBe(200);
  });
});

describe('a document', () => {
  it.each<[string, object | string, Hosted, string]>([
    ['that is not there', {}, { status: 404, body: '' }, 'was answered with status 404'],
    ['elsewhere', {}, { status: 302, headers: { Location: 'https://x.example/' }, body: '' }, 'status 302'],
    [
      'of another type',
      {},
      { headers: { 'Content-Type': 'text/html' }, body: {} },
      'is not application/json',
    ],
    ['that is no JSON', {}, { body: '{' }, 'is not a JSON object'],
    ['that is a list', {}, { body: [] }, 'is not a JSON object'],
    ['that is long', {}, { body: `{"a":"${'x'.repeat(5_200)}"}` }, 'has more than 5120 bytes'],
    ['of another client', { client_id: 'https://app.example.com/' }, { body: null }, 'is not the URL'],
    ['with the URL in another spelling', { client_id: 'HTTPS' }, { body: null }, 'is not the URL'],
    ['with a secret', { client_secret: 'x' }, { body: null }, 'client_secret'],
    ['with the end of a secret', { client_secret_expires_at: 0 }, { body: null }, 'client_secret_expires_at'],
    [
      'of a client with a secret',
      { token_endpoint_auth_method: 'client_secret_basic' },
      { body: null },
      'token_endpoint_auth_method',
    ],
    ['of a client without keys', { token_endpoint_auth_method: 'private_key_jwt' }, { body: null }, 'jwks'],
    ['with keys in the open', { jwks_uri: 'http://keys.example.com/' }, { body: null }, 'jwks_uri must be'],
    ['without redirect URIs', { redirect_uris: [] }, { body: null }, 'redirect_uris must have an entry'],
    ['with a bad redirect URI', { redirect_uris: ['http://a.example/'] }, { body: null }, 'must be https'],
    ['with a NUL character', { client_name: 'a\u0000' }, { body: null }, 'be stored'],
    ['with half a character', {}, { body: '{"client_name":"\\ud800"}' }, 'be stored'],
    ['without a name for texts', { client_name: 7 }, { body: null }, 'client_name'],
  ])('%s is refused, on a page that says why', async (_what, more, response, why) => {
    const client = await publish(typeof more === 'object' ? more : {});
    if (response.body !== null) hosted.set(client.id, response);
    const { status, text } = await pageFor(client.id);
    expect([status, text]).toEqual([400, expect.stringContaining(why)]);
    expect(text).toContain('Error invalid_client');
    expect(fetchesOf(client)).toBe(1);
  });

  it('says nothing of what belongs to an organization', async () => {
    const client = await publish({ organization_id: organizationId, api_scopes: ['admin'], secrets: [] });
    await expect(setting.tokens(client, person, { scope: 'admin' })).rejects.toThrow('invalid_scope');
    await setting.tokens(client, person);
    expect(await findClient(db, client.id)).toMatchObject({ organizationId: null, secrets: [] });
  });

  it.each(['https://app.example.com/a/../b', 'https://app.example.com/#a', 'https://u@app.example.com/a'])(
    'is not asked for at %s',
    async (id) => {
      expect((await pageFor(id)).status).toBe(400);
      expect(fetched).toEqual([]);
    },
  );

  it('is not asked for at all where the setting is off', async () => {
    const off = await startAuth({ db, product, apiUrl, fetchOutside });
    expect((await pageFor((await publish()).id, off.url)).status).toBe(400);
    expect(fetched).toEqual([]);
    const { body } = await callAs('', `${off.url}/.well-known/oauth-authorization-server`);
    expect(body).not.toHaveProperty('client_id_metadata_document_supported');
  });

  it('in our own network is not reached, and the page does not tell what is there', async () => {
    const guarded = await startAuth({ db, product, apiUrl, clientDocuments: true });
    for (const name of ['127.0.0.1', 'localhost']) {
      const { status, text } = await pageFor(`https://${name}:${new URL(at).port}/client.json`, guarded.url);
      expect([status, text]).toEqual([400, expect.stringContaining('could not be fetched')]);
      expect(text).not.toContain('must not be reached');
    }
    expect(fetched).toEqual([]);
  });
});

it('what a document has in it breaks no answer', async () => {
  const client = await publish();
  const { access_token } = await setting.tokens(client, person, { scope: 'openid email' });
  const { body } = hosted.get(client.id) ?? {};
  hosted.set(client.id, { body: { ...Object(body), jwks: { keys: [], 'ключ"\n': 1 } } });
  inTheFuture(301);
  const refused = await setting.refresh(client, 'x');
  expect(refused).toMatchObject({ status: 400, error: 'invalid_client' });
  expect(field(refused, 'error_description')).toMatch(/^[ -~]*jwks[ -~]*$/);
  expect((await callAs(access_token, `${auth.url}/oauth/userinfo`)).status).toBe(400);
});

describe('what is kept of a document', () => {
  it('is good for five minutes at least, for all requests of that time', async () => {
    const client = await publish({}, { 'Cache-Control': 'no-store' });
    await Promise.all(Array.from({ length: 5 }, () => pageFor(client.id)));
    await setting.tokens(client, person);
    expect(fetchesOf(client)).toBe(1);
    inTheFuture(301);
    await pageFor(client.id);
    expect(fetchesOf(client)).toBe(2);
  });

  it('is good for as long as its host says, but a day at most', async () => {
    const hour = await publish({}, { 'Cache-Control': 'public, max-age=3600' });
    const year = await publish({}, { 'Cache-Control': 'max-age=31536000' });
    const look = () => Promise.all([pageFor(hour.id), pageFor(year.id)]);
    await look();
    inTheFuture(3_500);
    await look();
    expect([fetchesOf(hour), fetchesOf(year)]).toEqual([1, 1]);
    inTheFuture(200);
    await look();
    expect([fetchesOf(hour), fetchesOf(year)]).toEqual([2, 1]);
    inTheFuture(24 * 3_600);
    await look();
    expect(fetchesOf(year)).toBe(2);
  });

  it('is replaced by what the document says then, for tokens that are out, too', async () => {
    const client = await publish();
    const scope = 'devices:read devices:write';
    const tokens = await setting.tokens(client, person, { scope });
    hosted.set(client.id, {
      body: { client_id: client.id, redirect_uris: ['https://new.example/'], scope: 'devices:read' },
    });
    inTheFuture(301);
    expect((await pageFor(client.id)).text).toContain('redirect_uri did not match');
    expect((await setting.refresh(client, tokens.refresh_token)).scope).toBe('devices:read');
    const write = await callAs(tokens.access_token, `${api}/devices`, {
      method: 'POST',
      json: { name: 'D' },
    });
    expect(write.status).toBe(403);
  });

  it('is not what was wrong: a document that was mended is good', async () => {
    const client = await publish();
    const { body } = hosted.get(client.id) ?? {};
    hosted.set(client.id, { status: 500, body: '' });
    expect((await pageFor(client.id)).status).toBe(400);
    hosted.set(client.id, { body });
    await until(async () => !(await pageFor(client.id)).text.includes('status 500'));
    expect((await setting.tokens(client, person)).status).toBe(200);
  });

  it('is had for a known client, whoever asks for how many others of its host', async () => {
    const client = await publish();
    await setting.tokens(client, person);
    inTheFuture(301);
    const { origin } = new URL(client.id);
    await Promise.all(Array.from({ length: 40 }, (_, at) => pageFor(`${origin}/${at}`)));
    expect((await setting.tokens(client, person)).status).toBe(200);
  });

  it('comes of 30 requests a minute to one host', async () => {
    const pages = await Promise.all(
      Array.from({ length: 40 }, (_, at) => pageFor(`https://busy.example.com/${at}`)),
    );
    // More only if the minute changed meanwhile.
    expect([30, 40]).toContain(fetched.length);
    const refused = pages.filter(({ text }) => text.includes('asked for too many documents'));
    expect(refused).toHaveLength(40 - fetched.length);
  });
});

describe('a row of such a client', () => {
  it('is there once a person has let it in, and goes when nothing is left of that', async () => {
    const client = await publish();
    await pageFor(client.id);
    expect(await findClient(db, client.id)).toBeNull();
    const tokens = await setting.tokens(client, person);
    const consent = await findConsent(db, { userId: person.id, clientId: client.id, organizationId });
    const pass = () => db.query(`update clients set updated_at = now() - interval '2 days'`);
    await pass();
    await deleteUnusedDescribedClients(db, 100);
    expect((await callAs(tokens.access_token, `${api}/devices`)).status).toBe(200);

    await db.transaction((tx) => deleteConsent(tx, consent?.id ?? ''));
    expect((await callAs(tokens.access_token, `${api}/devices`)).status).toBe(401);
    expect((await setting.refresh(client, tokens.refresh_token)).error).toBe('invalid_grant');
    await deleteUnusedDescribedClients(db, 100);
    expect(await findClient(db, client.id)).toBeNull();
    const ours = await setting.client();
    await pass();
    await deleteUnusedDescribedClients(db, 100);
    expect(await findClient(db, ours.id)).not.toBeNull();
  });

  it('is no organization’s: none sees, changes or deletes it', async () => {
    const client = await publish();
    const tokens = await setting.tokens(client, person);
    const clients = await callAs(admin.key, `${api}/clients?limit=100`);
    expect(JSON.stringify(clients.body)).not.toContain(client.id);
    const item = `${api}/clients/${encodeURIComponent(client.id)}`;
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const json = method === 'PATCH' ? { json: { name: 'Ours' } } : {};
      expect((await callAs(admin.key, item, { method, ...json })).status).toBe(404);
    }
    const own = `${auth.url}/oauth/register/${encodeURIComponent(client.id)}`;
    expect((await callAs('x', own)).status).toBe(401);
    expect((await callAs(tokens.access_token, `${api}/devices`)).status).toBe(200);
  });

  it('holds no sign-out up when its document is gone', async () => {
    const client = await publish();
    const browser = openBrowser();
    await setting.tokens(client, person, { browser, scope: 'openid devices:read' });
    hosted.delete(client.id);
    inTheFuture(301);
    const page = readForm(await (await browser.fetch(`${auth.url}/oauth/logout`)).text());
    const done = await submit(browser, new URL(page?.action ?? '', auth.url), [
      ...(page?.fields ?? []),
      ['logout', 'yes'],
    ]);
    expect(done.status).toBe(303);
  });
});

import { describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { deleteConsent, deleteUnusedDescribedClients, findClient, findConsent } from '#store';
import { callAs, field } from '../support/call.ts';
import { inTheFuture } from '../support/clock.ts';
import {
  authorize,
  credentialsOf,
  follow,
  openBrowser,
  readForm,
  submit,
  textOf,
} from '../support/sign-in.ts';
import { createDocumentSetting } from './client-document-fixtures.ts';
import { redirectUri, type TestClient, verifier } from './fixtures.ts';

// Clients that describe themselves at the URL that is their id (draft-ietf-oauth-client-id-metadata-document).
const setting = await createDocumentSetting();
const { db, auth, organizationId, api, admin, owner: person, hosted, publish, republish, pageFor } = setting;

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

  it('goes by its host on every page, and by no name that it gives itself', async () => {
    const client = await publish();
    republish(client, {
      // Turned around from here on, wherever that is not kept apart.
      client_name: 'VaultWares\u202e',
      logo_uri: 'https://vaultwares.com/logo.png',
      client_uri: 'https://vaultwares.com/',
      policy_uri: new URL('/privacy', client.id).href,
    });
    const shown = new URL(client.id).host;
    const browser = openBrowser();
    const signIn = await follow(browser, await browser.fetch(setting.authorizeUrl(client)));
    expect(textOf(signIn.html)).toContain(`to continue to ${shown}`);
    expect(textOf(signIn.html)).not.toContain('to continue to VaultWares');
    const action = new URL(signIn.form?.action ?? '', auth.url);
    const { html } = await follow(browser, await submit(browser, action, credentialsOf(person)));
    const text = textOf(html);
    expect(text).toContain(`${shown} wants access to your VaultWares account`);
    expect(text).toMatch(/It calls itself VaultWares\S* \. VaultWares has not checked that/);
    expect(html).toContain('<bdi>VaultWares\u202e</bdi>');
    expect(text).toContain(`Its address is ${client.id}`);
    expect(text).toContain('You go back to 127.0.0.1:8910 either way');
    expect(html).not.toContain('https://vaultwares.com');
    expect(html).toContain('/privacy');
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
    const member = await setting.person('member');
    const browser = await setting.signedIn(member);
    await policy('approval');
    const { host: name } = new URL(client.id);
    const page = await follow(browser, await browser.fetch(setting.authorizeUrl(client)));
    expect(textOf(page.html)).toContain(`Ask for ${name}`);
    expect(textOf(page.html)).toMatch(/It calls itself Fleet Monitor ?\. VaultWares has not checked that/);
    await submit(browser, new URL(page.form?.action ?? '', auth.url), [['organization', organizationId]]);
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

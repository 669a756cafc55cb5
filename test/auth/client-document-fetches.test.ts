import { describe, expect, it } from '@jest/globals';
import { findClient } from '#store';
import { callAs, field } from '../support/call.ts';
import { inTheFuture } from '../support/clock.ts';
import { startAuth } from '../support/start-auth.ts';
import { until } from '../support/until.ts';
import { createDocumentSetting, type Hosted } from './client-document-fixtures.ts';
import { product } from './fixtures.ts';

// When a client's document is fetched, what is refused of it, and for how long it is kept.
const setting = await createDocumentSetting();
const { db, auth, organizationId, apiUrl, api, owner: person, hosted, fetched, host, fetchOutside } = setting;
const { publish, republish, pageFor, fetchesOf } = setting;

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
      const { status, text } = await pageFor(
        `https://${name}:${new URL(host).port}/client.json`,
        guarded.url,
      );
      expect([status, text]).toEqual([400, expect.stringContaining('could not be fetched')]);
      expect(text).not.toContain('must not be reached');
    }
    expect(fetched).toEqual([]);
  });
});

it('what a document has in it breaks no answer', async () => {
  const client = await publish();
  const { access_token } = await setting.tokens(client, person, { scope: 'openid email' });
  republish(client, { jwks: { keys: [], 'ключ"\n': 1 } });
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

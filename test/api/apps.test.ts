import { describe, expect, it } from '@jest/globals';
import { insertOrganization, newId } from '#store';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { createClient, createSetting, product } from '../auth/fixtures.ts';
import { entriesOf } from '../support/audit.ts';
import { callAs, field, textField } from '../support/call.ts';
import { createKey } from '../support/fixtures.ts';
import { submit } from '../support/sign-in.ts';
import { startApi } from '../support/start-api.ts';

// An administrator's side of apps by the API; what people see of it is in test/auth.
const port = await freePort();
const setting = await createSetting({ apiUrl: `http://127.0.0.1:${port}` });
const { db, auth, organizationId } = setting;
const { url, requests } = await startApi({ db, product, authUrl: auth.url, port });
const admin = await createKey(db, product, organizationId, ['admin']);
const maker = await insertOrganization(db, { name: 'Northwind', plan: 'enterprise', windows: null });

const send = (method: string, path: string, json?: unknown, key = admin.key) =>
  callAs(key, url + path, { method, ...(json !== undefined && { json }) });
const decide = (client: string, decision: string) =>
  send('POST', '/apps/decisions', { client_id: client, decision });
const status = async (token: string) => (await callAs(token, `${url}/devices`)).status;

async function connected() {
  const [client, person] = [await createClient(db, maker.id), await setting.person('member')];
  const tokens = await setting.tokens(client, person);
  return { client, person, token: tokens.access_token, tokens };
}

describe('a decision', () => {
  it('that denies an app ends its access here at the next request, and its user is told why', async () => {
    const { client, token, tokens } = await connected();
    expect(await status(token)).toBe(200);
    const denied = await decide(client.id, 'denied');
    expect([denied.status, denied.body]).toEqual([
      201,
      {
        id: expect.stringMatching(/^appdec_/),
        client_id: client.id,
        client_name: 'Fleet Monitor',
        decision: 'denied',
        decided_by: null,
        created_at: expect.any(String),
        updated_at: expect.any(String),
      },
    ]);
    expect(await status(token)).toBe(401);
    expect(await setting.refresh(client, tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' });
    const shown = await send('GET', `/apps/decisions/${textField(denied.body, 'id')}`);
    expect(shown.body).toEqual(denied.body);
  });

  it('is replaced by the next one about the same app, and taken back', async () => {
    const id = newId('client');
    const first = await decide(id, 'denied');
    const second = await decide(id, 'allowed');
    expect(field(second.body, 'id')).toBe(field(first.body, 'id'));
    expect(second.body).toMatchObject({ client_id: id, client_name: null, decision: 'allowed' });
    const entry = (await entriesOf(db, organizationId)).at(-1);
    expect([JSON.parse(entry?.before ?? ''), JSON.parse(entry?.after ?? '')]).toEqual([
      first.body,
      second.body,
    ]);
    const path = `/apps/decisions/${textField(first.body, 'id')}`;
    expect((await send('DELETE', path)).status).toBe(204);
    expect((await send('GET', path)).status).toBe(404);
    const list = await send('GET', '/apps/decisions?limit=100');
    expect(JSON.stringify(list.body)).not.toContain(id);
  });

  it('names a client by its id or its URL, and says one of two things', async () => {
    expect((await decide('https://app.example.com/client.json', 'allowed')).status).toBe(201);
    for (const client of [
      '',
      'Fleet Monitor',
      'http://app.example.com/',
      'https://app.example.com',
      `client_${'0'.repeat(25)}`,
    ]) {
      expect([client, (await decide(client, 'allowed')).status]).toEqual([client, 400]);
    }
    expect((await decide(newId('client'), 'approval')).status).toBe(400);
  });
});

describe('the policy', () => {
  it('is a setting of the organization: narrowed, it ends the access of apps that nobody allowed', async () => {
    const [listed, other, own] = [await connected(), await connected(), await setting.client()];
    const ours = await setting.tokens(own, other.person);
    await decide(listed.client.id, 'allowed');
    const changed = await send('PATCH', '/organization', { app_policy: 'approval' });
    expect(changed.body).toMatchObject({ app_policy: 'approval' });
    expect(await Promise.all([listed.token, other.token, ours.access_token].map(status))).toEqual([
      200, 401, 200,
    ]);
    const entry = (await entriesOf(db, organizationId)).at(-1);
    expect(JSON.parse(entry?.after ?? '')).toMatchObject({
      ended_consents: [expect.stringMatching(/^con_/)],
    });
    await send('PATCH', '/organization', { app_policy: 'allowed' });
    expect((await send('PATCH', '/organization', { app_policy: 'none' })).status).toBe(400);
  });
});

describe('requests for apps', () => {
  it('are listed by their state', async () => {
    await send('PATCH', '/organization', { app_policy: 'approval' });
    const [client, person] = [await createClient(db, maker.id), await setting.person('member')];
    const browser = await setting.signedIn(person);
    const begun = await browser.fetch(setting.authorizeUrl(client));
    const fields: [string, string][] = [
      ['organization', organizationId],
      ['message', 'Please'],
    ];
    await submit(browser, `${auth.url}${begun.headers.get('location')}/ask`, fields);
    const list = (state: string) => send('GET', `/apps/requests?state=${state}`);
    const waiting = await list('pending');
    expect(field(waiting.body, 'data')).toEqual([
      {
        id: expect.stringMatching(/^appreq_/),
        client_id: client.id,
        client_name: 'Fleet Monitor',
        user_id: person.id,
        user_email: person.email,
        message: 'Please',
        state: 'pending',
        created_at: expect.any(String),
        decided_at: null,
      },
    ]);
    await decide(client.id, 'allowed');
    expect(field((await list('pending')).body, 'data')).toEqual([]);
    expect(field((await list('allowed')).body, 'data', 0)).toMatchObject({
      state: 'allowed',
      decided_at: expect.any(String),
    });
    await send('PATCH', '/organization', { app_policy: 'allowed' });
  });
});

describe('consents', () => {
  it('tell who let which app in and what it does, and can be ended one by one', async () => {
    const { client, person, token } = await connected();
    await status(token);
    await requests.flush();
    const list = () => send('GET', `/apps/consents?client_id=${client.id}`);
    const { body } = await list();
    expect(field(body, 'data')).toEqual([
      {
        id: expect.stringMatching(/^con_/),
        client_id: client.id,
        client_name: 'Fleet Monitor',
        user_id: person.id,
        user_email: person.email,
        scopes: ['devices:read'],
        requests_30_days: 1,
        last_used_at: expect.any(String),
        created_at: expect.any(String),
      },
    ]);
    const path = `/apps/consents/${textField(body, 'data', 0, 'id')}`;
    expect((await send('DELETE', path)).status).toBe(204);
    expect(await status(token)).toBe(401);
    expect(field((await list()).body, 'data')).toEqual([]);
    expect((await send('DELETE', path)).status).toBe(404);
  });
});

it('only a live credential with the scope comes to any of it', async () => {
  const test = await createKey(db, product, organizationId, ['admin'], { mode: 'test' });
  const narrow = await createKey(db, product, organizationId, ['users:write', 'audit:read']);
  for (const path of ['/apps/decisions', '/apps/requests', '/apps/consents']) {
    for (const { key } of [test, narrow]) {
      expect([path, (await send('GET', path, undefined, key)).status]).toEqual([path, 403]);
    }
  }
});

import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { call, callAs, field, textField } from '../support/call.ts';
import { createKey, createMember, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

// What the Torvus page shows of the API, from the product's definition alone; of its keys, in torvus-keys.test.ts.
const product = await loadProduct('torvus');
const db = await createTestDatabase();
const { url } = await startApi({ db, product });
const organization = await createOrganization(db, product, { plan: 'professional' });
const owner = await createMember(db, organization.id, 'owner');
const { key } = await createKey(db, product, organization.id, ['read', 'write', 'delete']);

describe('Permissions', () => {
  const vault = 'vault_00000000000000000000000000';
  const item = 'doc_00000000000000000000000000';
  const below = ['documents', 'recipients', 'policies'];
  const operations: [permission: string, method: string, path: string][] = [
    ['read', 'GET', '/vaults'],
    ['read', 'GET', `/vaults/${vault}`],
    ...below.map((name): [string, string, string] => ['read', 'GET', `/vaults/${vault}/${name}`]),
    ['read', 'GET', '/check-ins'],
    ['write', 'POST', '/vaults'],
    ['write', 'PUT', `/vaults/${vault}`],
    ['write', 'PATCH', `/vaults/${vault}`],
    ...below.map((name): [string, string, string] => ['write', 'POST', `/vaults/${vault}/${name}`]),
    ['write', 'POST', '/check-ins'],
    ['delete', 'DELETE', `/vaults/${vault}`],
    ...below.map((name): [string, string, string] => [
      'delete',
      'DELETE',
      `/vaults/${vault}/${name}/${item}`,
    ]),
  ];

  it.each(operations)('%s alone allows %s %s', async (permission, method, path) => {
    const json = path.endsWith('recipients')
      ? { name: 'R', email: 'r@example.com' }
      : path === '/check-ins'
        ? {}
        : { name: 'N' };
    const sent = ['POST', 'PUT', 'PATCH'].includes(method) ? { json } : {};
    for (const scope of ['read', 'write', 'delete']) {
      const { id } = await createOrganization(db, product);
      const other = await createKey(db, product, id, [scope]);
      const { status, body } = await callAs(other.key, url + path, { method, ...sent });
      if (scope === permission) expect([200, 201, 404]).toContain(status);
      else {
        expect(status).toBe(403);
        expect(body).toEqual({ error: 'permission_denied', message: 'API key lacks required permissions' });
      }
    }
  });

  it('offers no method that the page does not list', async () => {
    const answer = await callAs(key, `${url}/check-ins`, { method: 'DELETE' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('Allow')).toBe('GET, HEAD, POST');
    expect((await callAs(key, `${url}/vaults/${vault}/documents/${item}`)).status).toBe(405);
  });
});

describe('Test permissions', () => {
  it('runs the three samples: list, create with a name alone, delete', async () => {
    const created = await callAs(key, `${url}/vaults`, { method: 'POST', json: { name: 'Test Vault' } });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ name: 'Test Vault' });
    const listed = await callAs(key, `${url}/vaults`);
    expect(listed.body).toEqual([created.body]);
    const deleted = await callAs(key, `${url}/vaults/${textField(created.body, 'id')}`, { method: 'DELETE' });
    expect(deleted.status).toBe(204);
    expect((await callAs(key, `${url}/vaults/vault_test`, { method: 'DELETE' })).status).toBe(404);
  });
});

describe('documents, recipients and policies', () => {
  it('stand below their vault and go with it', async () => {
    const vault = await callAs(key, `${url}/vaults`, { method: 'POST', json: { name: 'Family' } });
    const at = `${url}/vaults/${textField(vault.body, 'id')}`;
    const document = await callAs(key, `${at}/documents`, { method: 'POST', json: { name: 'Will' } });
    expect(document.status).toBe(201);
    expect((await callAs(key, `${at}/documents`)).body).toEqual([document.body]);
    expect((await callAs(key, `${at}/recipients`)).body).toEqual([]);

    expect((await callAs(key, at, { method: 'DELETE' })).status).toBe(204);
    expect((await callAs(key, `${at}/documents`)).status).toBe(404);
    const left = await db.query('select id from resources where id = $1', [textField(document.body, 'id')]);
    expect(left).toEqual([]);
  });

  it('are not found under another vault', async () => {
    const [one, two] = await Promise.all(
      ['One', 'Two'].map((name) => callAs(key, `${url}/vaults`, { method: 'POST', json: { name } })),
    );
    const first = `${url}/vaults/${textField(one?.body, 'id')}/policies`;
    const policy = await callAs(key, first, { method: 'POST', json: { name: 'P' } });
    const elsewhere = `${url}/vaults/${textField(two?.body, 'id')}/policies/${textField(policy.body, 'id')}`;
    expect((await callAs(key, elsewhere, { method: 'DELETE' })).status).toBe(404);
  });
});

describe('lists', () => {
  it('are bare arrays, with the next page in a Link header', async () => {
    const { id } = await createOrganization(db, product);
    const { key } = await createKey(db, product, id, ['read', 'write']);
    for (const name of ['a', 'b', 'c'])
      await callAs(key, `${url}/vaults`, { method: 'POST', json: { name } });
    const first = await callAs(key, `${url}/vaults?limit=2`);
    expect(first.body).toMatchObject([{ name: 'c' }, { name: 'b' }]);
    const next = /^<(.+)>; rel="next"$/.exec(first.headers.get('Link') ?? '')?.[1] ?? '';
    const second = await callAs(key, next);
    expect(second.body).toMatchObject([{ name: 'a' }]);
    expect(second.headers.get('Link')).toBeNull();
  });
});

describe('401 Unauthorized', () => {
  it('is one flat answer for every way in which a credential fails', async () => {
    const expired = await createKey(db, product, organization.id, ['read'], {
      expiresAt: '2020-01-01T00:00:00Z',
    });
    const bad = [
      `Bearer ${expired.key}`,
      'Bearer torvus_sk_live_abc123',
      'Bearer ',
      'Basic abc',
      'Bearer a.b.c',
    ];
    for (const authorization of [...bad, undefined]) {
      const headers = authorization === undefined ? {} : { Authorization: authorization };
      const { status, body } = await call(`${url}/account`, { headers });
      expect(status).toBe(401);
      expect(body).toEqual({ error: 'authentication_failed', message: 'Invalid API key' });
    }
  });

  it('is the answer to a key in a header that the page does not have', async () => {
    expect((await call(`${url}/account`, { headers: { 'X-API-Key': key } })).status).toBe(401);
  });
});

describe('Verify API key', () => {
  it('answers the account', async () => {
    const { status, body } = await callAs(key, `${url}/account`);
    expect(status).toBe(200);
    expect(body).toEqual({
      account_id: organization.id.replace('org_', 'acc_'),
      email: owner.email,
      plan: 'professional',
      api_version: 'v1',
    });
  });
});

describe('Rate limiting', () => {
  it.each([
    ['professional', 1_000],
    ['enterprise', 10_000],
  ])('is per hour: %s %i', async (plan, limit) => {
    const { id } = await createOrganization(db, product, { plan });
    const { key } = await createKey(db, product, id, ['read']);
    const { headers } = await callAs(key, `${url}/vaults`);
    expect(headers.get('X-RateLimit-Limit')).toBe(String(limit));
    expect(headers.get('X-RateLimit-Remaining')).toBe(String(limit - 1));
    expect(Number(headers.get('X-RateLimit-Reset')) * 1000).toBeGreaterThan(Date.now());
    expect(headers.get('RateLimit-Policy')).toBe(`"hour";q=${limit};w=3600`);
  });
});

it('has no endpoints of other products', async () => {
  for (const path of ['/devices', '/users', '/auth/verify']) {
    const answer = await callAs(key, url + path);
    expect([path, answer.status, field(answer.body, 'error')]).toEqual([path, 404, 'not_found']);
  }
});

import { describe, expect, it } from '@jest/globals';
import { clientChoice, firstPartyClientId, loadProduct } from '#catalog';
import { ensureFirstPartyClient, insertClient, settingsOf, upsertConsent } from '#store';
import { call, callAs, field } from '../support/call.ts';
import { createKey, createMember, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { organizationHeader, withPasswordLogin } from '../support/with-password-login.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const { url } = await startApi({ db, product, trustedProxies: ['127.0.0.1'] });
const windows = [{ name: 'minute', limit: 3, seconds: 60 }];
const { id: organizationId } = await createOrganization(db, product, { plan: 'enterprise' });
const { id: elsewhere } = await createOrganization(db, product, { plan: 'enterprise' });
const { url: there } = await startApi({ db, product: withPasswordLogin(product) });
const admin = await createKey(db, product, organizationId, ['admin']);
const newKey = (scopes = ['devices:read'], options = {}) =>
  createKey(db, product, organizationId, scopes, options);
const explain = (json: unknown, as = admin.key) =>
  callAs(as, `${url}/auth/explain`, { method: 'POST', json });
const stepsOf = (body: unknown) => {
  const steps = field(body, 'steps');
  return (Array.isArray(steps) ? steps : []).map((each) => [each.step, each.passed]);
};

describe('what explain says', () => {
  const act = (id: string, verb: string) =>
    callAs(admin.key, `${url}/api-keys/${id}/${verb}`, { method: 'POST' });
  // Each case: a key, what is asked, and the step that fails, if one does.
  const cases: [string, () => Promise<{ id: string; key: string }>, string, string, string, string | null][] =
    [
      ['a good key', newKey, 'GET', '/v1/devices', '192.0.2.1', null],
      ['a query', newKey, 'GET', '/v1/devices?limit=1', '192.0.2.1', null],
      ['a missing scope', newKey, 'POST', '/v1/devices', '192.0.2.1', 'scope'],
      ['an unknown path', newKey, 'GET', '/v1/nothing', '192.0.2.1', 'route'],
      ['another base path', newKey, 'GET', '/v2/devices', '192.0.2.1', 'route'],
      ['a wrong method', newKey, 'PATCH', '/v1/devices', '192.0.2.1', 'route'],
      [
        'an address off the list',
        () => newKey(['devices:read'], { allowedIps: ['198.51.100.1'] }),
        'GET',
        '/v1/devices',
        '192.0.2.1',
        'allowlist',
      ],
      [
        'an expired key',
        () => newKey(['devices:read'], { expiresAt: '2020-01-01T00:00:00Z' }),
        'GET',
        '/v1/devices',
        '192.0.2.1',
        'credential',
      ],
      [
        'a paused key',
        async () => {
          const key = await newKey();
          await act(key.id, 'pause');
          return key;
        },
        'GET',
        '/v1/devices',
        '192.0.2.1',
        'credential',
      ],
      [
        'a revoked key',
        async () => {
          const key = await newKey();
          await callAs(admin.key, `${url}/api-keys/${key.id}`, { method: 'DELETE' });
          return key;
        },
        'GET',
        '/v1/devices',
        '192.0.2.1',
        'credential',
      ],
    ];

  it.each(cases)('of %s is what then happens', async (_name, make, method, path, address, failing) => {
    const { id, key } = await make();
    const { status, body } = await explain({ key_id: id, method, path, ip_address: address });
    expect(status).toBe(200);
    const real = await call(url.replace('/v1', path), {
      method,
      headers: {
        Authorization: `Bearer ${key}`,
        'X-Forwarded-For': address,
        'Content-Type': 'application/json',
      },
      ...(method !== 'GET' && { body: '{}' }),
    });
    expect([field(body, 'allowed'), field(body, 'status') ?? 200]).toEqual([failing === null, real.status]);
    expect(
      stepsOf(body)
        .filter(([, passed]) => passed === false)
        .map(([name]) => name),
    ).toEqual(failing ? [failing] : []);
    if (failing !== null && failing !== 'route') expect(JSON.stringify(body)).toMatch(/"mend":"[A-Z]/);
  });

  it('heeds the allowlist of the organization, for a key and for a client', async () => {
    const { id } = await createOrganization(db, product, { plan: 'enterprise' });
    const asker = await createKey(db, product, id, ['admin']);
    const key = await createKey(db, product, id, ['devices:read']);
    const choice = { name: 'App', scopes: ['devices:read'], grant_types: ['client_credentials'] };
    const client = await insertClient(db, {
      ...settingsOf(clientChoice(product).parse({ ...choice, redirect_uris: [] })),
      organizationId: id,
      createdBy: null,
    });
    await db.query(`update organizations set allowed_ips = '{127.0.0.1,198.51.100.0/24}' where id = $1`, [
      id,
    ]);
    const asked = [{ key_id: key.id }, { client_id: client.id }];
    for (const [ip_address, status] of [
      ['198.51.100.7', 200],
      ['192.0.2.1', 403],
    ] as const) {
      for (const who of asked) {
        const { body } = await explain({ ...who, method: 'GET', path: '/v1/devices', ip_address }, asker.key);
        expect([who, ip_address, field(body, 'status') ?? 200]).toEqual([who, ip_address, status]);
        expect(stepsOf(body)).toContainEqual(['allowlist', status === 200]);
      }
      const real = await callAs(key.key, `${url}/devices`, { headers: { 'X-Forwarded-For': ip_address } });
      expect(real.status).toBe(status);
    }
  });

  it('counts nothing, and tells of a limit that is used up', async () => {
    const { id: small } = await createOrganization(db, product, { plan: 'custom', windows });
    const asker = await createKey(db, product, small, ['admin']);
    const key = await createKey(db, product, small, ['devices:read']);
    const question = { key_id: key.id, method: 'GET', path: '/v1/devices' };
    expect(field((await explain(question, asker.key)).body, 'allowed')).toBe(true);
    for (let n = 0; n < 3; n++) expect((await callAs(key.key, `${url}/devices`)).status).toBe(200);
    const { body } = await explain(question, asker.key);
    expect([field(body, 'allowed'), field(body, 'status')]).toEqual([false, 429]);
  });

  it('is about clients and users too', async () => {
    const user = await createMember(db, organizationId, 'viewer');
    const client = await insertClient(db, {
      ...settingsOf(
        clientChoice(product).parse({
          name: 'App',
          redirect_uris: ['https://app.example/cb'],
          scopes: ['devices:read', 'devices:write'],
        }),
      ),
      organizationId,
      createdBy: null,
    });
    const question = { client_id: client.id, user_id: user.id, method: 'GET', path: '/v1/devices' };
    expect(field((await explain(question)).body, 'status')).toBe(401);
    const scopes = ['devices:read', 'devices:write'];
    await upsertConsent(db, {
      userId: user.id,
      clientId: client.id,
      organizationId,
      scopes,
      declinedScopes: [],
    });
    expect(field((await explain(question)).body, 'allowed')).toBe(true);
    const beyondRole = await explain({ ...question, method: 'POST' });
    expect(field(beyondRole.body, 'status')).toBe(403);
  });

  it('tells a test credential of test keys alone, and nobody of another organization’s client', async () => {
    const user = await createMember(db, organizationId, 'viewer');
    const choice = { name: 'App', redirect_uris: ['https://app.example/cb'], scopes: ['devices:read'] };
    const grant_types = ['authorization_code', 'client_credentials'];
    const settings = settingsOf(clientChoice(product).parse({ ...choice, grant_types }));
    const client = await insertClient(db, { ...settings, organizationId, createdBy: null });
    const pair = { userId: user.id, clientId: client.id, organizationId };
    await upsertConsent(db, { ...pair, scopes: ['devices:read'], declinedScopes: [] });
    const tester = await newKey(['admin'], { mode: 'test' });
    const stranger = await createKey(db, product, elsewhere, ['admin']);
    const own = await newKey();
    const allowed = async (who: object, as: string) =>
      field((await explain({ ...who, method: 'GET', path: '/v1/devices' }, as)).body, 'allowed');

    expect(await allowed({ key_id: tester.id }, tester.key)).toBe(true);
    for (const who of [
      { key_id: own.id },
      { client_id: client.id },
      { client_id: client.id, user_id: user.id },
    ]) {
      const verdicts = [admin, tester, stranger].map(({ key }) => allowed(who, key));
      expect([who, await Promise.all(verdicts)]).toEqual([who, [true, false, false]]);
    }
  });

  it('tells nothing of another organization’s key, and takes no half questions', async () => {
    const foreign = await createKey(db, product, elsewhere, ['admin']);
    const [theirs, nobodys] = await Promise.all(
      [foreign.id, 'key_00000000000000000000000000'].map((key_id) =>
        explain({ key_id, method: 'GET', path: '/v1/devices' }),
      ),
    );
    expect(theirs?.body).toEqual(nobodys?.body);
    for (const json of [{}, { key_id: admin.id }, { user_id: 'x', method: 'GET', path: '/v1/devices' }]) {
      expect((await explain(json)).status).toBe(400);
    }
    const bad = { key_id: admin.id, method: 'GET', path: '/v1/devices', ip_address: 'x' };
    expect((await explain(bad)).status).toBe(400);
  });
});

describe('a route that is open to all', () => {
  const asked = async (method: string, path: string) => {
    const { id } = await newKey([], { expiresAt: '2020-01-01T00:00:00Z' });
    return explain({ method, path, key_id: id });
  };

  it('is allowed with whatever credential, as none is looked at', async () => {
    for (const [method, path] of [
      ['POST', '/v1/leaked-keys'],
      ['HEAD', '/health'],
      ['GET', '/health/?verbose=1'],
    ] as const) {
      const { body } = await asked(method, path);
      expect([field(body, 'allowed'), stepsOf(body)]).toEqual([true, [['route', true]]]);
    }
  });

  it('still has its own methods only', async () => {
    const { body } = await asked('GET', '/v1/leaked-keys');
    expect([field(body, 'status'), stepsOf(body)]).toEqual([405, [['route', false]]]);
  });
});

describe('a request that names an organization', () => {
  const question = { method: 'GET', path: '/v1/devices' };
  const ask = (json: object) => callAs(admin.key, `${there}/auth/explain`, { method: 'POST', json });

  it.each([
    ['its own', organizationId, 200, [['organization', true]]],
    ['another', elsewhere, 403, [['organization', false]]],
    ['one that is not there', 'org_x', 403, [['organization', false]]],
  ] as const)('with a key that reaches %s meets what is said', async (_which, named, status, said) => {
    const { id, key } = await newKey();
    const { body } = await ask({ ...question, key_id: id, organization_id: named });
    const real = await callAs(key, `${there}/devices`, { headers: { [organizationHeader]: named } });
    expect([field(body, 'allowed'), field(body, 'status') ?? 200]).toEqual([status === 200, real.status]);
    expect(real.status).toBe(status);
    expect(stepsOf(body).filter(([name]) => name === 'organization')).toEqual(said);
  });

  it('is not told of where a person’s token reaches another one: that is for its own to ask', async () => {
    await ensureFirstPartyClient(db, { name: 'Own', scopes: ['devices:read'] });
    const user = await createMember(db, organizationId, 'viewer');
    const token = { client_id: firstPartyClientId, user_id: user.id };
    const consent = {
      ...{ userId: user.id, clientId: firstPartyClientId, organizationId },
      ...{ scopes: ['devices:read'], declinedScopes: [] },
    };
    await upsertConsent(db, consent);
    expect(
      field((await ask({ ...question, ...token, organization_id: organizationId })).body, 'allowed'),
    ).toBe(true);
    for (const organization_id of [elsewhere, 'org_x']) {
      const { status, body } = await ask({ ...question, ...token, organization_id });
      expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining('organization_id')]);
    }
  });

  it('is asked about only where a header does so', async () => {
    const { id } = await newKey();
    expect((await explain({ ...question, key_id: id, organization_id: organizationId })).status).toBe(400);
  });
});

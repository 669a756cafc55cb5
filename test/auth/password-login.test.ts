import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { firstPartyClientId, passwordLoginPath } from '#catalog';
import { firstPartyKey, hashPassword } from '#crypto';
import { changePassword, deleteMember, deleteUnusedDescribedClients, insertTotpFactor } from '#store';
import { call, callAs, field, textField } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { startAuth } from '../support/start-auth.ts';
import { type Person, product as vaultwares } from './fixtures.ts';
import { createLoginSetting, post, product } from './login-fixtures.ts';

const { db, auth, setting, encryptionKey, apiUrl, url, login, tokenOf, devices } = await createLoginSetting();

const signInLimits = { address: { failures: 2, seconds: 60 }, account: { failures: 100, seconds: 60 } };
const strict = await startAuth({ db, product, apiUrl, encryptionKey, signInLimits });
const trustedProxies = ['127.0.0.1'];
const proxied = await startApi({ db, product, encryptionKey, authUrl: strict.url, trustedProxies });
const alone = await startApi({ db, product, encryptionKey, authUrl: 'http://127.0.0.1:1' });
const plain = await startAuth({ db, product: vaultwares, apiUrl, encryptionKey });
const plainApi = await startApi({ db, product: vaultwares, encryptionKey, authUrl: plain.url });

describe('a login', () => {
  it('gives an access token for an hour that the API takes, by the steps of the quickstart', async () => {
    const person = await setting.person('member');
    const { status, body, headers } = await login(person);
    expect([status, field(body, 'expires_in'), field(body, 'token_type')]).toEqual([200, 3_600, 'Bearer']);
    expect(headers.get('cache-control')).toBe('no-store');
    const token = textField(body, 'access_token');
    const memberships = await callAs(token, `${url}/org/memberships`);
    expect(memberships.body).toEqual({
      active_org_id: setting.organizationId,
      memberships: [{ org_id: setting.organizationId, name: 'Acme', role: 'member' }],
    });
    const listed = await devices(token, textField(memberships.body, 'active_org_id'));
    expect(listed.status).toBe(200);
    expect(listed.headers.get('x-ratelimit-remaining')).not.toBeNull();
  });

  it('stands in the API’s own document, with all that can come of it', async () => {
    const { body } = await call(`${apiUrl}/openapi.json`);
    const { responses, security } = Object(field(body, 'paths', '/api/v1/auth/login', 'post'));
    expect(security).toEqual([]);
    expect(Object.keys(responses)).toEqual(
      expect.arrayContaining(['200', '400', '401', '403', '429', '503']),
    );
  });

  it('may do what the role allows at that moment, and no more', async () => {
    const person = await setting.person('owner');
    const token = await tokenOf(person);
    const users = () => callAs(token, `${url}/users`);
    expect((await callAs(token, `${url}/api-keys`)).status).toBe(200);
    await db.query(`update memberships set role = 'viewer' where user_id = $1`, [person.id]);
    expect([(await callAs(token, `${url}/api-keys`)).status, (await users()).status]).toEqual([403, 200]);
  });

  it.each([
    ['a changed password', (person: Person) => changeTo(person, 'another horse battery')],
    [
      'the end of the membership',
      (person: Person) => db.transaction((tx) => deleteMember(tx, setting.organizationId, person.id)),
    ],
    [
      'a withdrawn consent',
      (person: Person) => db.query('delete from consents c where c.user_id = $1', [person.id]),
    ],
  ])('ends with %s, at the next request', async (_what, end) => {
    const person = await setting.person();
    const token = await tokenOf(person);
    expect((await devices(token)).status).toBe(200);
    await end(person);
    expect((await devices(token)).status).toBe(401);
  });

  it('has a grant that stands where those of apps do, for an hour', async () => {
    const person = await setting.person();
    await login(person);
    const grants = await db.query(
      `select k.client_id as "clientId", k.organization_id as "organizationId",
         g.expires_at between now() + interval '59 minutes' and now() + interval '61 minutes' as "forAnHour"
       from oidc_grants g join consents k on k.id = g.consent_id where k.user_id = $1`,
      [person.id],
    );
    expect(grants).toEqual([
      { clientId: firstPartyClientId, organizationId: setting.organizationId, forAnHour: true },
    ]);
    await db.query(`update clients set updated_at = now() - interval '2 days' where id = $1`, [
      firstPartyClientId,
    ]);
    await db.query('delete from oidc_grants');
    await deleteUnusedDescribedClients(db, 10);
    expect((await login(person)).status).toBe(200);
  });

  it('is refused alike for a wrong password, an unknown address and a member without a password', async () => {
    const person = await setting.person();
    const silent = await setting.person();
    await db.query('update users set password_hash = null where id = $1', [silent.id]);
    const answers = [];
    for (const entered of [
      { email: person.email, password: 'wrong' },
      { email: 'nobody@example.com', password: person.password },
      { email: silent.email, password: '' },
      { email: person.email, password: 'x'.repeat(100) },
    ]) {
      const { status, body, headers } = await login(entered);
      const names = [...headers.keys()].filter((name) => !name.startsWith('content-length')).sort();
      answers.push({ status, code: field(body, 'error', 'code'), body: JSON.stringify(body), names });
    }
    expect(answers[0]).toMatchObject({ status: 401, code: 'login_failed' });
    expect(answers[0]?.names).toContain('www-authenticate');
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it.each([
    {},
    { email: 1, password: 'x' },
    { email: 'a@example.com' },
    { email: 'a\0', password: 'x' },
    [],
    'x',
  ])('refuses the body %j: 400', async (json) => {
    expect((await post(`${url}/auth/login`, json)).status).toBe(400);
  });

  it('with a second factor is told where to sign in, and only with the right password', async () => {
    const person = await setting.person();
    await insertTotpFactor(db, { userId: person.id, secret: randomBytes(32), step: 0 });
    const { status, body } = await login(person);
    expect([status, field(body, 'error', 'code')]).toEqual([403, 'mfa_required']);
    expect(textField(body, 'error', 'message')).toContain(`${auth.url}/sign-in`);
    expect((await login({ ...person, password: 'wrong' })).status).toBe(401);
  });

  it('into an organization that requires a second factor is told so, also without one', async () => {
    const person = await setting.person();
    await db.query('update organizations set require_second_factor = true where id = $1', [
      setting.organizationId,
    ]);
    const { status, body } = await login(person);
    await db.query('update organizations set require_second_factor = false where id = $1', [
      setting.organizationId,
    ]);
    expect([status, field(body, 'error', 'code')]).toEqual([403, 'mfa_required']);
  });

  it('needs an organization with OAuth in its plan: 403', async () => {
    const person = await setting.person();
    await db.query('delete from memberships where user_id = $1', [person.id]);
    const { id } = await createOrganization(db, product, { plan: 'free' });
    await db.query(
      `insert into memberships (organization_id, user_id, role, name) values ($1, $2, 'owner', 'x')`,
      [id, person.id],
    );
    const { status, body } = await login(person);
    expect([status, field(body, 'error', 'code')]).toEqual([403, 'plan_required']);
  });

  it('is limited together with the sign-in on pages, with Retry-After', async () => {
    const person = await setting.person();
    const wrong = { email: person.email, password: 'wrong' };
    expect((await login(wrong)).status).toBe(401);
    expect((await login(wrong)).status).toBe(401);
    const page = await fetch(`${auth.url}/sign-in`, { method: 'POST', body: new URLSearchParams(wrong) });
    expect(page.status).toBe(422);
    const limited = await login(person);
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(limited.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  });

  it('counts under the address of who asks, not the API’s', async () => {
    const from = (address: string) =>
      call(`${proxied.url}/auth/login`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': address },
        body: JSON.stringify({ email: 'nobody@example.com', password: 'wrong' }),
      });
    const statuses = [];
    for (const address of ['203.0.113.1', '203.0.113.1', '203.0.113.1', '203.0.113.2']) {
      statuses.push((await from(address)).status);
    }
    expect(statuses).toEqual([401, 401, 429, 401]);
  });

  it('answers 503 with Retry-After while the authorization server is away', async () => {
    const { status, headers } = await login(await setting.person(), alone.url);
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
  });
});

describe('the way from the API to the authorization server', () => {
  const ask = (at: string, key: string | null, method = 'POST') =>
    call(at + passwordLoginPath, {
      method,
      headers: key === null ? {} : { Authorization: `Bearer ${key}` },
      ...(method === 'POST' && { body: new URLSearchParams({ email: 'a@example.com', password: 'x' }) }),
    });

  it('does not exist for others', async () => {
    const other = firstPartyKey(randomBytes(32).toString('hex'));
    for (const key of [null, '', 'x', encryptionKey, other]) {
      expect([key, (await ask(auth.url, key)).status]).toEqual([key, 404]);
    }
    expect((await ask(auth.url, firstPartyKey(encryptionKey))).status).toBe(200);
    expect((await ask(auth.url, firstPartyKey(encryptionKey), 'GET')).status).toBe(405);
  });

  it('does not exist for products without it, and neither does the route', async () => {
    expect((await ask(plain.url, firstPartyKey(encryptionKey))).status).toBe(404);
    // Below the base path, and so it wants a credential first, as whatever isn't there.
    expect((await login(await setting.person(), plainApi.url)).status).toBe(401);
    const { key } = await createKey(db, vaultwares, setting.organizationId, ['admin']);
    expect((await callAs(key, `${plainApi.url}/auth/login`, { method: 'POST', json: {} })).status).toBe(404);
  });

  it('is no client that anybody can speak for at the token endpoint, nor send a browser for', async () => {
    for (const grant of ['password', 'client_credentials', 'refresh_token', 'authorization_code']) {
      const answer = await call(`${auth.url}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({
          ...{ client_id: firstPartyClientId, grant_type: grant, scope: 'devices:read' },
          ...{ username: 'a@example.com', password: 'x', code: 'x', refresh_token: 'x' },
        }),
      });
      expect([grant, answer.status, field(answer.body, 'access_token')]).toEqual([grant, 400, undefined]);
    }
    const query = new URLSearchParams({
      ...{ client_id: firstPartyClientId, response_type: 'code', scope: 'devices:read' },
      redirect_uri: 'https://evil.example/cb',
    });
    const page = await fetch(`${auth.url}/oauth/authorize?${query}`, { redirect: 'manual' });
    expect([page.status, page.headers.get('location')]).toEqual([400, null]);
  });
});

async function changeTo(person: Person, password: string): Promise<void> {
  const hash = await hashPassword(password);
  await db.transaction((tx) => changePassword(tx, person.id, hash));
}

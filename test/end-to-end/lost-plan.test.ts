import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { insertOrganization, updateOrganizationPlan } from '#store';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { createClient, createSetting, joinOrganization, product, type TestClient } from '../auth/fixtures.ts';
import { type Answer, callAs, field } from '../support/call.ts';
import { createKey, createMember } from '../support/fixtures.ts';
import { authorize, openBrowser } from '../support/sign-in.ts';
import { startApi } from '../support/start-api.ts';

// An organization moves to a plan without OAuth, and back: its apps and what its members gave stop, and go on.
const port = await freePort();
const setting = await createSetting({ apiUrl: `http://127.0.0.1:${port}` });
const { db, auth, organizationId } = setting;
const { url } = await startApi({ db, product, authUrl: auth.url, port });
const vendor = await insertOrganization(db, { name: 'Vendor', plan: 'custom', windows: null });
const keys = {
  [organizationId]: await createKey(db, product, organizationId, ['admin']),
  [vendor.id]: await createKey(db, product, vendor.id, ['admin']),
};
const person = await setting.person();

const setPlan = (id: string, plan: string) => updateOrganizationPlan(db, id, { plan, windows: null });
/** The same as the operator does it. */
async function setPlanByCommand(id: string, plan: string): Promise<void> {
  const main = new URL('../../apps/cli/src/main.ts', import.meta.url).pathname;
  const env = { ...process.env, DATABASE_URL: db.url };
  await promisify(execFile)(process.execPath, [main, 'organizations', 'set-plan', id, plan], { env });
}
const restore = () => db.query(`update organizations set plan = 'enterprise'`);
afterEach(restore);

const devices = (token: string) => callAs(token, `${url}/devices`);
const codeOf = ({ body }: Answer) => field(body, 'error', 'code');

/** What the request of this id was refused by, as an organization looks it up. */
async function denial(id: string | null | undefined, organization = organizationId) {
  const { body } = await callAs(keys[organization]?.key ?? '', `${url}/requests/${id}`);
  return field(body, 'denial');
}
const idOf = ({ headers }: Answer) => headers.get('X-Request-Id');
const planRequired = (detail: string, mend: string) => ({
  rule: 'plan_required',
  detail: expect.stringContaining(detail),
  mend: expect.stringContaining(mend),
});
const ownersPlan = 'The plan of the organization that owns the';

/** How an authorization request comes back to its client. */
async function authorized(client: TestClient, more: Record<string, string> = {}, who = person) {
  const callback = await authorize(setting.authorizeUrl(client, more), who);
  return Object.fromEntries(callback.searchParams);
}

describe('an organization whose plan has OAuth no more', () => {
  it('gets no token for its clients, and none that it has is taken, from the next request on', async () => {
    const client = await setting.client();
    const tokens = await setting.tokens(client, person);
    const server = await setting.client({ grantTypes: ['client_credentials'] });
    const credentials = { grant_type: 'client_credentials', scope: 'devices:read' };
    const own = await setting.exchange(server, credentials);
    expect((await devices(tokens.access_token)).status).toBe(200);
    await setPlanByCommand(organizationId, 'professional');

    for (const token of [tokens.access_token, own.access_token]) {
      const refused = await devices(token);
      expect([refused.status, codeOf(refused)]).toEqual([403, product.errors.plan_required.code]);
      const mend = 'Take the plan enterprise or custom; the organization has professional.';
      expect(await denial(idOf(refused))).toMatchObject(planRequired('come with the plan enterprise', mend));
    }
    for (const answer of [
      await setting.refresh(client, tokens.refresh_token),
      await setting.exchange(server, credentials),
    ]) {
      expect(answer).toMatchObject({ status: 400, error: 'unauthorized_client' });
      expect(await denial(answer.error_id)).toMatchObject(planRequired(ownersPlan, 'then all is good again'));
    }
    await expect(authorized(client)).rejects.toThrow('Error unauthorized_client');
    const device = 'urn:ietf:params:oauth:grant-type:device_code' as const;
    const television = await setting.client({ redirectUris: [], grantTypes: [device] });
    const parameters = {
      scope: 'devices:read',
      response_type: 'code',
      redirect_uri: client.redirectUris[0] ?? '',
    };
    for (const answer of [
      await setting.post('/oauth/par', client, parameters),
      await setting.post('/oauth/device_authorization', television, { scope: 'devices:read' }),
    ]) {
      expect([answer.status, (await answer.json()).error]).toEqual([400, 'unauthorized_client']);
    }
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      const answer = await setting.post('/oauth/introspect', client, { token });
      expect(await answer.json()).toEqual({ active: false });
    }
    const explained = await callAs(keys[organizationId]?.key ?? '', `${url}/auth/explain`, {
      method: 'POST',
      json: { method: 'GET', path: '/v1/devices', client_id: client.id, user_id: person.id },
    });
    expect(field(explained.body, 'steps', 0)).toMatchObject({
      step: 'credential',
      passed: false,
      status: 403,
    });
  });

  it('has all of that back with the plan', async () => {
    const client = await setting.client();
    const tokens = await setting.tokens(client, person, { scope: 'openid devices:read' });
    const profile = await setting.tokens(client, person, { scope: 'openid email' });
    const userinfo = () => callAs(profile.access_token, `${auth.url}/oauth/userinfo`);
    await setPlan(organizationId, 'free');
    expect((await devices(tokens.access_token)).status).toBe(403);
    expect((await setting.refresh(client, tokens.refresh_token)).status).toBe(400);
    expect((await userinfo()).status).toBe(401);
    await setPlan(organizationId, 'custom');
    expect((await devices(tokens.access_token)).status).toBe(200);
    expect((await setting.refresh(client, tokens.refresh_token)).status).toBe(200);
    expect((await userinfo()).status).toBe(200);
    expect(await authorized(client)).toHaveProperty('code');
  });

  it('can revoke its tokens all the same', async () => {
    const client = await setting.client();
    const tokens = await setting.tokens(client, person);
    await setPlan(organizationId, 'free');
    const revoked = await setting.post('/oauth/revoke', client, { token: tokens.refresh_token });
    expect(revoked.status).toBe(200);
    await setPlan(organizationId, 'enterprise');
    expect((await devices(tokens.access_token)).status).toBe(401);
  });
});

describe('an app of another organization', () => {
  it('reaches no organization whose plan has OAuth no more; its grants elsewhere go on', async () => {
    const client = await createClient(db, vendor.id);
    const tokens = await setting.tokens(client, person);
    const neighbour = await setting.person();
    const elsewhere = await joinOrganization(db, neighbour, 'Elsewhere', 'owner');
    const theirs = await setting.tokens(client, neighbour, { organization: elsewhere });
    await setPlan(organizationId, 'free');

    const refused = await devices(tokens.access_token);
    expect([refused.status, codeOf(refused)]).toEqual([403, product.errors.plan_required.code]);
    const answer = await setting.refresh(client, tokens.refresh_token);
    expect(answer).toMatchObject({ status: 400, error: 'invalid_grant' });
    const told = await denial(answer.error_id, vendor.id);
    expect(told).toMatchObject(planRequired('that the user let the client into', 'then all is good again'));
    // That organization's plan and name are no business of the vendor's.
    expect(JSON.stringify(told)).not.toMatch(/free|org_/);
    expect((await devices(theirs.access_token)).status).toBe(200);
    expect((await setting.refresh(client, theirs.refresh_token)).status).toBe(200);
    await setPlan(organizationId, 'enterprise');
    expect((await devices(tokens.access_token)).status).toBe(200);
    expect((await setting.refresh(client, tokens.refresh_token)).status).toBe(200);
  });

  it('can’t be let into such an organization, and a page says why', async () => {
    const client = await createClient(db, vendor.id);
    const browser = openBrowser();
    const newcomer = await setting.person();
    await setting.tokens(client, newcomer, { browser });
    await setPlan(organizationId, 'free');
    const url = setting.authorizeUrl(client);
    await expect(authorize(url, newcomer, { browser })).rejects.toThrow('plan doesn’t let apps in');
    const silent = await authorize(setting.authorizeUrl(client, { prompt: 'none' }), newcomer, { browser });
    expect(silent.searchParams.get('error')).toBe('consent_required');
    const elsewhere = await joinOrganization(db, newcomer, 'Elsewhere', 'member');
    const callback = await authorize(url, newcomer, { browser });
    const [consent] = await db.query(
      'select organization_id as id from consents where user_id = $1 order by updated_at desc limit 1',
      [newcomer.id],
    );
    expect([callback.searchParams.get('code'), consent]).toEqual([expect.any(String), { id: elsewhere }]);
  });

  it('is of no use when its own organization’s plan has OAuth no more', async () => {
    const client = await createClient(db, vendor.id);
    const tokens = await setting.tokens(client, person);
    await setPlan(vendor.id, 'free');
    const refused = await devices(tokens.access_token);
    expect(refused.status).toBe(403);
    const detail = `${ownersPlan} app has no OAuth`;
    expect(await denial(idOf(refused))).toMatchObject(planRequired(detail, 'The owner of the app'));
    const answer = await setting.refresh(client, tokens.refresh_token);
    expect(answer).toMatchObject({ status: 400, error: 'unauthorized_client' });
    await setPlan(vendor.id, 'enterprise');
    expect((await devices(tokens.access_token)).status).toBe(200);
  });
});

it('a code of before the change gives nothing, and the members are still who they are', async () => {
  const client = await setting.client();
  const { code = '' } = await authorized(client);
  await setPlan(organizationId, 'free');
  const redirect_uri = client.redirectUris[0] ?? '';
  const answer = await setting.exchange(client, { grant_type: 'authorization_code', code, redirect_uri });
  expect(answer).toMatchObject({ status: 400, error: 'unauthorized_client' });
  const member = await createMember(db, organizationId, 'member');
  const key = await createKey(db, product, organizationId, ['devices:read'], { createdBy: member.id });
  expect((await devices(key.key)).status).toBe(200);
});

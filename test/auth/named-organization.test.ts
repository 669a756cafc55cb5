import { describe, expect, it } from '@jest/globals';
import { firstPartyClientId } from '#catalog';
import { callAs, field } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { organizationHeader } from '../support/with-password-login.ts';
import { joinOrganization } from './fixtures.ts';
import { createLoginSetting, product } from './login-fixtures.ts';

const { db, setting, url, tokenOf, devices } = await createLoginSetting();

describe('the organization that a request names', () => {
  it('is one of the person’s: each is reached with the role there', async () => {
    const person = await setting.person('owner');
    const other = await joinOrganization(db, person, 'Northwind', 'viewer');
    const token = await tokenOf(person);
    const memberships = await callAs(token, `${url}/org/memberships`);
    expect(field(memberships.body, 'memberships')).toMatchObject([
      { name: 'Acme', role: 'owner' },
      { org_id: other, name: 'Northwind', role: 'viewer' },
    ]);
    const create = (organizationId: string) =>
      callAs(token, `${url}/devices`, {
        method: 'POST',
        headers: { [organizationHeader]: organizationId },
        json: product.resources[0]?.examples[0],
      });
    expect((await create(setting.organizationId)).status).toBe(201);
    expect([(await create(other)).status, (await devices(token, other)).status]).toEqual([403, 200]);
    expect(field((await devices(token, other)).body, 'data')).toEqual([]);
    await db.query('delete from memberships where user_id = $1 and organization_id = $2', [person.id, other]);
    expect((await devices(token, other)).status).toBe(403);
  });

  it('is what explain is asked about in that organization: it says what then happens', async () => {
    const person = await setting.person('owner');
    const other = await joinOrganization(db, person, 'Northwind', 'viewer');
    const token = await tokenOf(person);
    const { key } = await createKey(db, product, other, ['admin']);
    for (const [method, status] of [
      ['GET', 200],
      ['POST', 403],
    ] as const) {
      const asked = {
        ...{ method, path: '/api/v1/devices', organization_id: other },
        ...{ client_id: firstPartyClientId, user_id: person.id },
      };
      const explained = await callAs(key, `${url}/auth/explain`, { method: 'POST', json: asked });
      const real = await callAs(token, `${url}/devices`, {
        method,
        headers: { [organizationHeader]: other },
        ...(method === 'POST' && { json: {} }),
      });
      expect([field(explained.body, 'status') ?? 200, real.status]).toEqual([status, status]);
    }
  });

  it('is refused when it is not, alike whether there is one or not', async () => {
    const token = await tokenOf(await setting.person());
    const { id } = await createOrganization(db, product, { plan: 'enterprise' });
    const answers = [await devices(token, id), await devices(token, `org_${'0'.repeat(26)}`)];
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    expect(answers[0]?.body).toEqual(answers[1]?.body);
  });

  it('is reached by no app’s token and no key of another', async () => {
    const person = await setting.person();
    const other = await joinOrganization(db, person, 'Northwind', 'owner');
    const client = await setting.client();
    const { access_token } = await setting.tokens(client, person, { organization: setting.organizationId });
    expect([(await devices(access_token)).status, (await devices(access_token, other)).status]).toEqual([
      200, 403,
    ]);
    const memberships = await callAs(access_token, `${url}/org/memberships`);
    expect(JSON.stringify(memberships.body)).not.toContain(other);
    const { key } = await createKey(db, product, setting.organizationId, ['admin']);
    expect((await devices(key, other)).status).toBe(403);
    expect((await devices(key, setting.organizationId)).status).toBe(200);
  });
});

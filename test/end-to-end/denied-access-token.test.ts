import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { decodeJwt } from 'jose';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { createSetting, product } from '../auth/fixtures.ts';
import { callAs, field } from '../support/call.ts';
import { inTheFuture } from '../support/clock.ts';
import { createKey } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';

const port = await freePort();
const setting = await createSetting({ apiUrl: `http://127.0.0.1:${port}` });
const { db, auth, organizationId } = setting;
const { url } = await startApi({ db, product, authUrl: auth.url, port });
const admin = await createKey(db, product, organizationId, ['admin']);

afterEach(() => {
  jest.useRealTimers();
});

describe('a denied access token is explained by its request id', () => {
  async function denial(token: string, method = 'GET') {
    const json = method === 'POST' ? { json: { name: 'N' } } : {};
    const denied = await callAs(token, `${url}/devices`, { method, ...json });
    const { body } = await callAs(admin.key, `${url}/requests/${denied.headers.get('X-Request-Id')}`);
    const { sub, client_id } = decodeJwt(token);
    expect(field(body, 'credential')).toEqual({ type: 'access_token', user_id: sub, client_id });
    expect(field(body, 'status')).toBe(denied.status);
    const { rule, detail, mend } = Object(field(body, 'denial'));
    return [denied.status, rule, detail, mend];
  }
  const makes: [string, string, RegExp, RegExp, (living: Living) => Promise<unknown>][] = [
    [
      'it expired',
      'expired_credential',
      /^The access token expired at 20\d\d-/,
      /with the refresh token/,
      async () => inTheFuture(3_601),
    ],
    [
      'it was revoked',
      'invalid_credential',
      /^Access token \S+ was revoked\.$/,
      /with the refresh token/,
      ({ client, tokens }) => setting.post('/oauth/revoke', client, { token: tokens.access_token }),
    ],
    [
      'its refresh token was revoked',
      'invalid_credential',
      /is gone: the user's consent, or the refresh token/,
      /Let the user authorize the app again/,
      ({ client, tokens }) => setting.post('/oauth/revoke', client, { token: tokens.refresh_token }),
    ],
    [
      'its consent is gone',
      'invalid_credential',
      /is gone: the user's consent, or the refresh token/,
      /Let the user authorize the app again/,
      ({ client }) => db.query('delete from consents where client_id = $1', [client.id]),
    ],
    [
      'its client is gone',
      'invalid_credential',
      /^The client client_\w+ is gone\.$/,
      /Register the app again/,
      ({ client }) => db.query('delete from clients where id = $1', [client.id]),
    ],
    [
      'its user was removed',
      'invalid_credential',
      /^The user user_\w+ is no member/,
      /Add the user again/,
      ({ person }) => callAs(admin.key, `${url}/users/${person.id}`, { method: 'DELETE' }),
    ],
  ];
  type Living = Awaited<ReturnType<typeof living>>;
  async function living() {
    const person = await setting.person('member');
    const client = await setting.client();
    return { person, client, tokens: await setting.tokens(client, person, { scope: 'devices:read' }) };
  }

  it.each(makes)('because %s', async (_why, rule, detail, mend, end) => {
    const one = await living();
    await end(one);
    expect(await denial(one.tokens.access_token)).toEqual([
      401,
      rule,
      expect.stringMatching(detail),
      expect.stringMatching(mend),
    ]);
  });

  it('because of a scope: the token, the consent, the app or the role that holds it back', async () => {
    const { client, person, tokens } = await living();
    expect(await denial(tokens.access_token, 'POST')).toEqual([
      403,
      'insufficient_scope',
      "The operation needs devices:write. The credential has devices:read: the token itself has devices:read; the user's consent has devices:read.",
      'Let the app ask for devices:write. Let the user consent to devices:write.',
    ]);
    const wide = await setting.tokens(client, person, { scope: 'devices:read devices:write' });
    await callAs(admin.key, `${url}/users/${person.id}`, { method: 'PATCH', json: { role: 'viewer' } });
    await db.query(`update clients set scopes = '{devices:read}' where id = $1`, [client.id]);
    expect(await denial(wide.access_token, 'POST')).toEqual([
      403,
      'insufficient_scope',
      "The operation needs devices:write. The credential has devices:read: the app's registration has devices:read; the user's role viewer has devices:read, policies:read, users:read.",
      'Register the app for devices:write. Give the user a role with devices:write.',
    ]);
  });
});

import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { createSetting, joinOrganization, type Person, passHalfAMinute, product } from '../auth/fixtures.ts';
import { callAs, field, textField } from '../support/call.ts';
import { inTheFuture } from '../support/clock.ts';
import { createKey } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';

// An authorization code becomes a token, and the token calls the API: both servers for real, on one database.
const port = await freePort();
const apiOrigin = `http://127.0.0.1:${port}`;
const setting = await createSetting({ apiUrl: apiOrigin });
const { db, auth, organizationId } = setting;
const { url } = await startApi({ db, product, authUrl: auth.url, port });
const admin = await createKey(db, product, organizationId, ['admin']);

afterEach(() => {
  jest.useRealTimers();
});

describe('a token', () => {
  it('writes and reads devices, expires after an hour, and is refreshed', async () => {
    const client = await setting.client();
    const tokens = await setting.tokens(client, await setting.person('member'), {
      scope: 'devices:read devices:write',
    });
    expect(tokens.expires_in).toBe(3600);
    const made = await callAs(tokens.access_token, `${url}/devices`, {
      method: 'POST',
      json: { name: 'Laptop' },
    });
    expect(made.status).toBe(201);
    const list = await callAs(tokens.access_token, `${url}/devices`);
    expect(field(list.body, 'data')).toEqual([made.body]);

    inTheFuture(3_601);
    const expired = await callAs(tokens.access_token, `${url}/devices`);
    expect([expired.status, field(expired.body, 'error', 'code')]).toEqual([401, 'expired_api_key']);
    expect(expired.headers.get('WWW-Authenticate')).toContain('error="invalid_token"');

    const refreshed = await setting.refresh(client, tokens.refresh_token);
    expect((await callAs(refreshed.access_token, `${url}/devices`)).status).toBe(200);
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
  });

  it('comes from an address on the allowlist of its organization, or is refused', async () => {
    const client = await setting.client();
    const asked = { scope: 'devices:read' };
    const { access_token } = await setting.tokens(client, await setting.person('member'), asked);
    const listed = async (ranges: string) => {
      await db.query('update organizations set allowed_ips = $2 where id = $1', [organizationId, ranges]);
      const { status, body } = await callAs(access_token, `${url}/devices`);
      return [status, field(body, 'error', 'code')];
    };
    try {
      expect(await listed('{192.0.2.0/24}')).toEqual([403, 'ip_not_allowed']);
      expect(await listed('{192.0.2.0/24,127.0.0.1}')).toEqual([200, undefined]);
    } finally {
      await listed('{}');
    }
  });
});

describe('the documented answers to a token', () => {
  it('are those of verify, and the rate limit headers of its organization', async () => {
    const person = await setting.person();
    const client = await setting.client();
    const tokens = await setting.tokens(client, person, { scope: 'devices:read devices:write' });
    const { status, headers, body } = await callAs(tokens.access_token, `${url}/auth/verify`);
    const { exp = 0 } = decodeJwt(tokens.access_token);
    expect([status, body]).toEqual([
      200,
      {
        valid: true,
        user_id: person.id,
        scopes: ['devices:read', 'devices:write'],
        expires_at: new Date(exp * 1000).toISOString().replace('.000Z', 'Z'),
      },
    ]);
    expect(headers.get('X-RateLimit-Limit')).toBe('1000');
  });

  it('are 403 for a scope that it lacks, and 400 beside an API key', async () => {
    const tokens = await setting.tokens(await setting.client(), await setting.person(), {
      scope: 'devices:read',
    });
    const refused = await callAs(tokens.access_token, `${url}/devices`, {
      method: 'POST',
      json: { name: 'X' },
    });
    expect([refused.status, field(refused.body, 'error', 'code')]).toEqual([403, 'insufficient_permissions']);
    const both = await callAs(tokens.access_token, `${url}/devices`, { headers: { 'X-API-Key': admin.key } });
    expect(both.status).toBe(400);
  });
});

describe('an access token is refused at the very next request', () => {
  async function living(role: 'owner' | 'member' = 'member') {
    const person = await setting.person(role);
    const client = await setting.client();
    const tokens = await setting.tokens(client, person, { scope: 'devices:read devices:write' });
    const status = async (method = 'GET') =>
      (
        await callAs(tokens.access_token, `${url}/devices`, {
          method,
          ...(method === 'POST' && { json: { name: 'N' } }),
        })
      ).status;
    expect(await status()).toBe(200);
    return { person, client, tokens, status };
  }
  const asAdmin = (person: Person, method: string, json?: unknown) =>
    callAs(admin.key, `${url}/users/${person.id}`, { method, ...(json !== undefined && { json }) });

  it('after it was revoked', async () => {
    const { client, tokens, status } = await living();
    const revoked = await setting.post('/oauth/revoke', client, { token: tokens.access_token });
    expect(revoked.status).toBe(200);
    expect(await status()).toBe(401);
    const refreshed = await setting.refresh(client, tokens.refresh_token);
    expect((await callAs(refreshed.access_token, `${url}/devices`)).status).toBe(200);
  });

  it('after its refresh token was revoked', async () => {
    const { client, tokens, status } = await living();
    await setting.post('/oauth/revoke', client, { token: tokens.refresh_token });
    expect(await status()).toBe(401);
  });

  it('after its refresh token was used twice', async () => {
    const { client, tokens, status } = await living();
    const next = await setting.refresh(client, tokens.refresh_token);
    expect(await status()).toBe(200);
    await passHalfAMinute(db);
    expect((await setting.refresh(client, tokens.refresh_token)).error).toBe('invalid_grant');
    expect(await status()).toBe(401);
    expect((await callAs(next.access_token, `${url}/devices`)).status).toBe(401);
  });

  it('after its user was removed from the organization', async () => {
    const { person, client, tokens, status } = await living();
    expect((await asAdmin(person, 'DELETE')).status).toBe(204);
    expect(await status()).toBe(401);
    expect((await setting.refresh(client, tokens.refresh_token)).error).toBe('invalid_grant');
  });

  it('for what its user’s role lost', async () => {
    const { person, client, tokens, status } = await living();
    expect((await asAdmin(person, 'PATCH', { role: 'viewer' })).status).toBe(200);
    expect([await status(), await status('POST')]).toEqual([200, 403]);
    expect((await setting.refresh(client, tokens.refresh_token)).scope).toBe('devices:read');
  });

  it('after its client was deleted, or its consent', async () => {
    const one = await living();
    await db.query('delete from clients where id = $1', [one.client.id]);
    expect(await one.status()).toBe(401);
    const two = await living();
    await db.query('delete from consents where client_id = $1', [two.client.id]);
    expect(await two.status()).toBe(401);
  });
});

describe('no other token passes', () => {
  it.each([
    'none',
    'HS256',
    'foreign key',
    'foreign issuer',
    'foreign audience',
    'ID token type',
    'a changed claim',
  ])('%s', async (kind) => {
    const tokens = await setting.tokens(await setting.client(), await setting.person(), {
      scope: 'devices:read',
    });
    const claims = decodeJwt(tokens.access_token);
    const header = JSON.parse(Buffer.from(tokens.access_token.split('.')[0] ?? '', 'base64url').toString());
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const sign = (more: Record<string, unknown>, typ = 'at+jwt', kid = header.kid) =>
      new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg: 'ES256', typ, kid }).sign(privateKey);
    const [head = '', , signature = ''] = tokens.access_token.split('.');
    const changed = Buffer.from(JSON.stringify({ ...claims, scope: 'admin' })).toString('base64url');
    // A key of one's own under a known id does no good; where the rest alone is wrong, the key is a published one.
    if (kind !== 'foreign key') await publish(String(header.kid) + kind, await exportJWK(publicKey));
    const ours = String(header.kid) + kind;
    const forged: Record<string, () => Promise<string> | string> = {
      none: () => new UnsecuredJWT(claims).encode(),
      HS256: () =>
        new SignJWT(claims)
          .setProtectedHeader({ ...header, alg: 'HS256' })
          .sign(new TextEncoder().encode('x'.repeat(32))),
      'foreign key': () => sign({}),
      'foreign issuer': () => sign({ iss: 'https://elsewhere.example' }, 'at+jwt', ours),
      'foreign audience': () => sign({ aud: 'https://elsewhere.example' }, 'at+jwt', ours),
      'ID token type': () => sign({}, 'JWT', ours),
      'a changed claim': () => `${head}.${changed}.${signature}`,
    };
    const answer = await callAs(await (forged[kind]?.() ?? ''), `${url}/devices`);
    expect([answer.status, field(answer.body, 'error', 'code')]).toEqual([401, 'invalid_api_key']);
    // The same key signs a token that does pass, so it was the one wrong thing that was refused.
    if (kind !== 'foreign key')
      expect((await callAs(await sign({}, 'at+jwt', ours), `${url}/devices`)).status).toBe(200);
  });

  it('an ID token, an opaque one, or a refresh token', async () => {
    const client = await setting.client();
    const person = await setting.person();
    const tokens = await setting.tokens(client, person, { scope: 'openid devices:read' });
    for (const token of [tokens.id_token, tokens.refresh_token]) {
      expect((await callAs(token, `${url}/devices`)).status).toBe(401);
    }
    const plain = await setting.tokens(client, person, { scope: 'openid' });
    expect((await callAs(plain.access_token, `${url}/devices`)).status).toBe(401);
  });

  async function publish(kid: string, jwk: object): Promise<void> {
    await db.query(
      `insert into signing_keys (id, public_jwk, sealed_private_jwk, signs_from)
       values ($1, $2, $3, now() + interval '1 day')`,
      [kid, JSON.stringify({ ...jwk, kid, alg: 'ES256' }), Buffer.alloc(0)],
    );
  }
});

describe('a token of one organization', () => {
  it('sees nothing of another that its user belongs to as well', async () => {
    const person = await setting.person();
    const other = await joinOrganization(db, person, 'Other', 'owner');
    const client = await setting.client();
    const here = await setting.tokens(client, person, {
      scope: 'devices:read devices:write',
      organization: organizationId,
    });
    const there = await setting.tokens(client, person, {
      scope: 'devices:read',
      organization: other,
      more: { prompt: 'consent' },
    });
    const made = await callAs(here.access_token, `${url}/devices`, {
      method: 'POST',
      json: { name: 'Here' },
    });
    const at = `${url}/devices/${textField(made.body, 'id')}`;
    expect((await callAs(here.access_token, at)).status).toBe(200);
    expect((await callAs(there.access_token, at)).status).toBe(404);
    expect(field((await callAs(there.access_token, `${url}/devices`)).body, 'data')).toEqual([]);
  });
});
